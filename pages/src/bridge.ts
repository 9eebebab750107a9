/** The interface between the pages and the app; all that they do goes through it. */

import type { PickRequest } from "./pick";
import type { AppRequest, AppResponse, AppStatus } from "./protocol";
import { createTauriBridge } from "./tauri-bridge";

/** What set-up and Settings need; a browser has this and no more. */
export interface SetupBridge {
  status(): Promise<AppStatus>;
  /** Resolves, once it is subscribed, to a function that ends the subscription. */
  onStatus(callback: (status: AppStatus) => void): Promise<() => void>;
  /** Rejects when the app did not respond. */
  send<R extends AppRequest>(request: R): Promise<AppResponse<R>>;
  /** Shows a dialog of the system. Missing in browsers, whose dialogs do not reveal paths. */
  pick?(request: PickRequest): Promise<string | null>;
  /** Closes Settings, or a set-up that is finished, and shows the app. */
  closeSettings(): Promise<void>;
}

/** What the window's page needs in addition. */
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
