/** Talks to the shell through Tauri's commands and its `status` event. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Bridge } from "./bridge";
import type { AppStatus } from "./protocol";

export function createTauriBridge(): Bridge {
  return {
    status: () => invoke<AppStatus>("status"),
    onStatus: (callback) => listen<AppStatus>("status", (event) => callback(event.payload)),
    send: (request) => invoke("send", { request }),
    pick: (request) => invoke("pick", request),
    closeSettings: () => invoke("close_settings"),
    retry: () => invoke("retry"),
    openLogs: () => invoke("open_logs"),
    quit: () => invoke("quit"),
    painted: () => invoke("painted"),
    shown: () => invoke("shown"),
  };
}
