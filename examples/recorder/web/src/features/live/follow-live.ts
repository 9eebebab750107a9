import type { QueryClient } from "@tanstack/react-query";
import { type LiveMessage, levels, liveState } from "@/features/live/live";
import { connection, reportAway } from "@/lib/connection";

const firstPause = 250;
const longestPause = 4000;
/** Levels come twenty times a second; without them the recorder is quiet or away. */
const levelsLast = 400;

/** What is to be read anew when something has changed. */
const affected: Readonly<Record<string, string[][]>> = {
  history: [["history"], ["tracks"]],
  library: [["tracks"], ["history"]],
  source: [["source"]],
};

/** Follows what happens for as long as the page is open. Gives a way to stop, for tests. */
export function followLive(queryClient: QueryClient): () => void {
  let socket: WebSocket | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let fade: ReturnType<typeof setTimeout> | undefined;
  let pause = firstPause;
  let opened = false;
  let stopped = false;

  const connect = () => {
    clearTimeout(again);
    again = undefined;
    socket = new WebSocket(
      `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live/`,
    );
    socket.onopen = () => {
      pause = firstPause;
      // Whatever has changed while nobody told.
      if (opened) void queryClient.invalidateQueries();
      opened = true;
    };
    socket.onmessage = ({ data }) => receive(JSON.parse(String(data)) as LiveMessage);
    socket.onclose = () => {
      levels.set(null);
      if (stopped) return;
      reportAway();
      again = setTimeout(connect, pause);
      pause = Math.min(pause * 2, longestPause);
    };
  };

  const receive = (message: LiveMessage) => {
    if (message.kind === "levels") {
      levels.set(message.levels);
      clearTimeout(fade);
      fade = setTimeout(() => levels.set(null), levelsLast);
    } else if (message.kind === "state") {
      liveState.set(message.state);
    } else {
      readAnew(queryClient, message.what);
    }
  };

  // The server that was away is back: there is no reason to wait any longer.
  const stopWatching = connection.subscribe(() => {
    if (connection.get() === "here" && again) connect();
  });
  connect();

  return () => {
    stopped = true;
    clearTimeout(again);
    clearTimeout(fade);
    stopWatching();
    socket?.close();
  };
}

function readAnew(queryClient: QueryClient, what: string): void {
  const keys = affected[what];
  if (!keys) void queryClient.invalidateQueries();
  for (const queryKey of keys ?? []) void queryClient.invalidateQueries({ queryKey });
}
