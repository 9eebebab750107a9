/** The key of this page, which opens the app's control port to it. */

import type { SetupKey } from "../../protocol";
import { post } from "./control-port";
import { remember, remembered } from "./storage";

const KEY = "ensconce-setup-key";

export type Session = {
  /** Resolves to null when there is no key to be had; rejects when the app did not respond. */
  key(): Promise<string | null>;
};

/** The token works once: it is exchanged for the key when that is needed first. */
export function createSession(token: string | null): Session {
  let obtained: Promise<string | null> | null = null;
  return {
    key: () => {
      obtained ??= obtainKey(token).catch((error) => {
        // The app may only have been away for a moment.
        obtained = null;
        throw error;
      });
      return obtained;
    },
  };
}

/** A tab that has used the token before still has the key, whatever its address says. */
async function obtainKey(token: string | null): Promise<string | null> {
  const given = token === null ? null : await post<SetupKey>("session", { token }, null);
  if (given === null) return remembered(KEY);
  remember(KEY, given.key);
  return given.key;
}
