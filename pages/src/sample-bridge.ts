/** Plays a named sample in a plain browser. Left out of production builds. */

import type { Bridge } from "./bridge";
import { type SampleName, samples } from "./samples";
import type { Status } from "./status";

export interface SampleBridge extends Bridge {
  /** What the page asked for, in order. */
  readonly calls: string[];
  /** Sends a new status to the page. */
  emit(status: Status): void;
}

export function createSampleBridge(name: string | null): SampleBridge {
  const calls: string[] = [];
  const listeners = new Set<(status: Status) => void>();
  let current = samples[isSample(name) ? name : "starting"];

  const emit = (status: Status) => {
    current = status;
    for (const listener of listeners) listener(status);
  };
  const record = async (call: string) => {
    calls.push(call);
  };

  return {
    calls,
    emit,
    status: async () => current,
    onStatus: async (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    retry: async () => {
      calls.push("retry");
      emit(samples.starting);
    },
    openLogs: () => record("open_logs"),
    quit: () => record("quit"),
    painted: () => record("painted"),
    shown: () => record("shown"),
  };
}

function isSample(name: string | null): name is SampleName {
  return name !== null && Object.hasOwn(samples, name);
}
