/** The only door between the pages and the shell. */

import type { PickRequest, SetupAnswer, SetupRequest } from "./setup/protocol";
import type { Status } from "./status";
import { createTauriBridge } from "./tauri-bridge";

export type { AppIdentity, Failure, Phase, Status, Step, StepState } from "./status";

/** What the wizard and Settings need; a browser has this and no more. */
export interface SetupBridge {
  status(): Promise<Status>;
  /** Resolves, once it listens, to a function that ends the subscription. */
  onStatus(callback: (status: Status) => void): Promise<() => void>;
  setup<R extends SetupRequest>(request: R): Promise<SetupAnswer<R>>;
  /** Shows a dialog of the system; null when it was left. Browsers have none that tells a path. */
  pick?(request: PickRequest): Promise<string | null>;
  /** Leaves Settings, or the wizard when it is done, for the app. */
  closeSettings(): Promise<void>;
}

export interface Bridge extends SetupBridge {
  retry(): Promise<void>;
  openLogs(): Promise<void>;
  quit(): Promise<void>;
  /** Tells the shell that the page can be shown, so it may show the window. */
  painted(): Promise<void>;
  /** Tells the shell that the window shows the page, so the app's own may begin to load. */
  shown(): Promise<void>;
}

/** In a plain browser, development builds run on samples; a production build has only Tauri. */
export async function openBridge(): Promise<Bridge> {
  if (import.meta.env.MODE !== "production" && !("__TAURI_INTERNALS__" in window)) {
    const { createSampleBridge } = await import("./sample-bridge");
    return createSampleBridge(sampleName(new URLSearchParams(location.search)));
  }
  return createTauriBridge();
}

/** `?view=settings` alone shows the sample of that view. */
function sampleName(query: URLSearchParams): string | null {
  return query.get("sample") ?? query.get("view");
}
