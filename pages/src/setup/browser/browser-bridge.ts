/** Talks to the app's control port, as the window's bridge talks to the shell. */

import type { SetupBridge } from "../../bridge";
import type { AppRequest, AppResponse, AppStatus } from "../../protocol";
import type { Session } from "./address";

export const POLL_MS = 1_000;

/** Why the page cannot go on: its token opens nothing any more, or nobody said where the app is. */
export type Lost = "over" | "no_way_back";

/** What was asked when the page is lost stays open. */
export function createBrowserBridge(session: Session, onLost: (why: Lost) => void): SetupBridge {
  const send = async <R extends AppRequest>(request: R): Promise<AppResponse<R>> => {
    const answer = await fetch("setup", {
      method: "POST",
      headers: {
        Authorization: `Bearer ${session.token ?? ""}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(request),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    if (answer.status === 401) {
      onLost("over");
      return new Promise(() => {});
    }
    if (!answer.ok) throw new Error(`The control port answered ${answer.status}`);
    return (await answer.json()) as AppResponse<R>;
  };
  const status = () => send({ op: "status" });

  return {
    send,
    status,
    onStatus: async (callback) => poll(status, callback),
    closeSettings: async () => {
      if (session.back === null) return onLost("no_way_back");
      location.replace(session.back);
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
