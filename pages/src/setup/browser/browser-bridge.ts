/** Talks to the app's control port, as the window's bridge talks to the shell. */

import type { SetupBridge } from "../../bridge";
import type { AppRequest, AppResponse, AppStatus } from "../../protocol";
import { post } from "./control-port";
import type { Session } from "./session";

export const POLL_MS = 1_000;

/** Why the page cannot go on. */
export type Lost =
  /** Its address was used before. */
  | "used"
  /** The app does not know the page: it was started again since, or the address is not complete. */
  | "refused"
  /** Nothing says where the app is. */
  | "no_way_back";

/** A request that is refused never resolves, because the page that sent it is gone. */
export function createBrowserBridge(
  session: Session,
  back: string | null,
  onLost: (reason: Lost) => void,
): SetupBridge {
  const send = async <R extends AppRequest>(request: R): Promise<AppResponse<R>> => {
    const key = await session.key();
    const response = key === null ? null : await post<AppResponse<R>>("request", request, key);
    if (response !== null) return response;
    onLost(key === null && session.hasToken ? "used" : "refused");
    return new Promise(() => {});
  };
  const status = () => send({ op: "status" });

  return {
    send,
    status,
    onStatus: async (callback) => poll(status, callback),
    closeSettings: async () => {
      if (back === null) return onLost("no_way_back");
      location.replace(back);
    },
  };
}

/** Asks for the status until the subscription ends. An app that does not respond may come back. */
function poll(ask: () => Promise<AppStatus>, callback: (status: AppStatus) => void): () => void {
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const next = () => {
    timer = setTimeout(() => void look(), POLL_MS);
  };
  const look = async () => {
    try {
      const status = await ask();
      if (!ended) callback(status);
    } catch (error) {
      console.error(error);
    }
    if (!ended) next();
  };

  next();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
