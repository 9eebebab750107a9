/** Plays a named sample in a plain browser. Left out of production builds. */

import type { Bridge } from "./bridge";
import type { AppRequest, AppStatus } from "./protocol";
import { type SampleName, samples } from "./samples";
import { createSampleSetup } from "./setup/sample-setup";
import { type SetupSampleName, setupSamples } from "./setup/samples";

export interface SampleBridge extends Bridge {
  /** What the page asked for, in order. */
  readonly calls: string[];
  /** What set-up and Settings sent, in order. */
  readonly requests: AppRequest[];
  /** Sends a new status to the page. */
  emit(status: AppStatus): void;
}

export function createSampleBridge(name: string | null): SampleBridge {
  const calls: string[] = [];
  const requests: AppRequest[] = [];
  const listeners = new Set<(status: AppStatus) => void>();
  let current = statusOf(name);

  const emit = (status: AppStatus) => {
    current = status;
    for (const listener of listeners) listener(status);
  };
  const record = async (call: string) => {
    calls.push(call);
  };
  const setup = createSampleSetup(isSetup(name) ? name : "setup", emit);

  return {
    calls,
    requests,
    emit,
    status: async () => current,
    onStatus: async (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    send: (request) => {
      requests.push(request);
      return setup.respond(request);
    },
    pick: async ({ kind, suggested }) =>
      suggested !== null && kind === "save" ? `/home/ada/${suggested}` : "/home/ada/chosen",
    closeSettings: () => record("close_settings"),
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

function statusOf(name: string | null): AppStatus {
  if (isSetup(name)) return setupSamples[name].status;
  return samples[isSample(name) ? name : "starting"];
}

function isSample(name: string | null): name is SampleName {
  return name !== null && Object.hasOwn(samples, name);
}

function isSetup(name: string | null): name is SetupSampleName {
  return name !== null && Object.hasOwn(setupSamples, name);
}
