/** Asks, and stays usable meanwhile: every answer may come late, or never. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppRequest, AppResponses, Outcome } from "../protocol";

/** What is said where the app says nothing of it. */
export const FAILED = "This did not work. Try again.";

const NO_ANSWER = "The app did not respond. Nothing is lost. Try again.";

/** The requests that are answered with an outcome. */
export type Deed = Extract<AppRequest, { op: OutcomeOps }>;

type OutcomeOps = {
  [Op in keyof AppResponses]: AppResponses[Op] extends Outcome
    ? Outcome extends AppResponses[Op]
      ? Op
      : never
    : never;
}[keyof AppResponses];

/** The outcome of a deed; that it could not be asked for is one as well. */
export async function tell(bridge: SetupBridge, deed: Deed): Promise<Outcome> {
  try {
    return (await bridge.send(deed)) as Outcome;
  } catch (error) {
    console.error(error);
    return { ok: false, message: NO_ANSWER, fields: {} };
  }
}

export type Asking = {
  /** What is being asked, by the caller's name for it. */
  busy: string | null;
  /** Waits for an answer; null when nobody waits for it any more. */
  wait: <T>(name: string, asked: () => Promise<T>) => Promise<T | null>;
  /** Stops waiting. What was asked may still be done. */
  stop: () => void;
};

export function useAsking(): Asking {
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
  // An answer that comes after the page has gone changes nothing.
  useEffect(
    () => () => {
      turn.current += 1;
    },
    [],
  );
  return { busy, wait, stop };
}
