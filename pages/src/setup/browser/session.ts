/** The key of this page, which opens the app's control port to it. */

import type { SetupKey } from "../../protocol";
import { post } from "./control-port";
import { remember, remembered } from "./storage";

const KEY = "ensconce-setup-key";

export type Session = {
  /** Whether the page's address had a token. */
  hasToken: boolean;
  /** Resolves to null when there is none; rejects when the app did not respond. */
  key(): Promise<string | null>;
};

/** The token works once: it is exchanged when the key is first needed. */
export function createSession(token: string | null): Session {
  let obtained: Promise<string | null> | null = null;
  return {
    hasToken: token !== null,
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

/** A tab in which the same address is opened again still has the key. */
async function obtainKey(token: string | null): Promise<string | null> {
  const given = token === null ? null : await post<SetupKey>("session", { token }, null);
  if (given === null) return remembered(KEY);
  remember(KEY, given.key);
  return given.key;
}
