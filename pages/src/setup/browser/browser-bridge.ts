/** Talks to the app's control port, as the window's bridge talks to the shell. */

import type { SetupBridge } from "../../bridge";
import type { AppRequest, AppResponse, AppStatus } from "../../protocol";
import { post } from "./control-port";
import type { Session } from "./session";

export const POLL_MS = 1_000;

/** Why the page cannot go on: nothing opens the control port to it, or there is no way back. */
export type Lost = "refused" | "no_way_back";

/** What was sent when the page is lost stays open: nothing of the page is there to hear of it. */
export function createBrowserBridge(
  session: Session,
  back: string | null,
  onLost: (reason: Lost) => void,
): SetupBridge {
  const send = async <R extends AppRequest>(request: R): Promise<AppResponse<R>> => {
    const key = await session.key();
    const response = key === null ? null : await post<AppResponse<R>>("request", request, key);
    if (response !== null) return response;
    onLost("refused");
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

/** Asks as long as someone listens, one question at a time. An app that is away may come back. */
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
