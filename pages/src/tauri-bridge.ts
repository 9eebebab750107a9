/** Talks to the shell through Tauri's commands and its `status` event. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Bridge } from "./bridge";
import type { Status } from "./status";

export function createTauriBridge(): Bridge {
  return {
    status: () => invoke<Status>("status"),
    onStatus: (callback) => listen<Status>("status", (event) => callback(event.payload)),
    setup: (request) => invoke("setup", { request }),
    pick: (request) => invoke("pick", request),
    closeSettings: () => invoke("close_settings"),
    retry: () => invoke("retry"),
    openLogs: () => invoke("open_logs"),
    quit: () => invoke("quit"),
    painted: () => invoke("painted"),
    shown: () => invoke("shown"),
  };
}
