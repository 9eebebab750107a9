/** Sends requests without blocking the page: a response may come late, or never. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppRequest, AppResponses, Outcome } from "../protocol";

/** Shown when the app gave no message. */
export const FAILED = "This did not work. Try again.";

const NO_ANSWER = "The app did not respond. Nothing is lost. Try again.";

/** The requests whose response is an outcome. */
export type ActionRequest = Extract<AppRequest, { op: OutcomeOps }>;

type OutcomeOps = {
  [Op in keyof AppResponses]: AppResponses[Op] extends Outcome
    ? Outcome extends AppResponses[Op]
      ? Op
      : never
    : never;
}[keyof AppResponses];

/** Returns the outcome of a request; no response is a failed one. */
export async function perform(bridge: SetupBridge, request: ActionRequest): Promise<Outcome> {
  try {
    return (await bridge.send(request)) as Outcome;
  } catch (error) {
    console.error(error);
    return { ok: false, message: NO_ANSWER, fields: {} };
  }
}

export type Pending = {
  /** The caller's name for what is pending, or null. */
  busy: string | null;
  /** Waits for a response; resolves to null when it is no longer waited for. */
  wait: <T>(name: string, asked: () => Promise<T>) => Promise<T | null>;
  /** Stops waiting. The app may still do what it was asked. */
  stop: () => void;
};

export function usePending(): Pending {
  const [busy, setBusy] = useState<string | null>(null);
  const turn = useRef(0);

  const stop = () => {
    turn.current += 1;
    setBusy(null);
  };
  const wait = async <T>(name: string, asked: () => Promise<T>): Promise<T | null> => {
    turn.current += 1;
    const mine = turn.current;
    setBusy(name);
    const answer = await asked();
    if (turn.current !== mine) return null;
    setBusy(null);
    return answer;
  };
  // A response that comes after the component is gone changes nothing.
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );
  return { busy, wait, stop };
}
