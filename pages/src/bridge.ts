/** The only door between the window's page and the shell. */

import type { Status } from "./status";
import { createTauriBridge } from "./tauri-bridge";

export type { AppIdentity, Failure, Phase, Status, Step, StepState } from "./status";

export interface Bridge {
  status(): Promise<Status>;
  /** Resolves, once it listens, to a function that ends the subscription. */
  onStatus(callback: (status: Status) => void): Promise<() => void>;
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
    return createSampleBridge(new URLSearchParams(location.search).get("sample"));
  }
  return createTauriBridge();
}
