import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ResultPublic, RunPublic, RunResults, RunsPublic } from "@/client";
import { compareKey } from "@/features/compare/compare-queries";
import { resultsKey, runKey, runsKey, runsListKey } from "@/features/runs/run-queries";
import { suitesKey } from "@/features/suites/suite-queries";
import { connection, reportAway } from "@/lib/connection";

/** What the server tells of its own accord. */
export type LiveMessage =
  | { kind: "run"; run: RunPublic }
  | { kind: "result"; run_id: number; result: ResultPublic }
  | { kind: "changed"; what: string };

const firstPause = 250;
const longestPause = 4000;

/** What is to be read anew when something has changed; everything, if it is not named. */
const affected: Readonly<Record<string, readonly (readonly string[])[]>> = {
  runs: [runsKey, compareKey],
  results: [runsKey, compareKey],
  suites: [suitesKey],
};

/** Follows what happens for as long as the page is open. Gives a way to stop, for tests. */
export function followLive(queryClient: QueryClient): () => void {
  let socket: WebSocket | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
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
    socket.onmessage = ({ data }) => receive(queryClient, JSON.parse(String(data)) as LiveMessage);
    socket.onclose = () => {
      if (stopped) return;
      reportAway();
      again = setTimeout(connect, pause);
      pause = Math.min(pause * 2, longestPause);
    };
  };

  // The server that was away is back: there is no reason to wait any longer.
  const stopWatching = connection.subscribe(() => {
    if (connection.get() === "here" && again) connect();
  });
  connect();

  return () => {
    stopped = true;
    clearTimeout(again);
    stopWatching();
    socket?.close();
  };
}

function receive(queryClient: QueryClient, message: LiveMessage): void {
  if (message.kind === "run") takeRun(queryClient, message.run);
  else if (message.kind === "result") takeResult(queryClient, message.run_id, message.result);
  else readAnew(queryClient, message.what);
}

function takeRun(queryClient: QueryClient, run: RunPublic): void {
  queryClient.setQueryData<RunPublic>(runKey(run.id), (known) => known && run);
  queryClient.setQueryData<InfiniteData<RunsPublic>>(
    runsListKey,
    (known) =>
      known && {
        ...known,
        pages: known.pages.map((page) => ({
          ...page,
          data: page.data.map((each) => (each.id === run.id ? run : each)),
        })),
      },
  );
  if (run.state !== "running") void queryClient.invalidateQueries({ queryKey: compareKey });
}

function takeResult(queryClient: QueryClient, runId: number, result: ResultPublic): void {
  queryClient.setQueryData<RunResults>(
    resultsKey(runId),
    (known) =>
      known && {
        ...known,
        results: [
          ...known.results.filter(
            (each) => each.case_id !== result.case_id || each.target_id !== result.target_id,
          ),
          result,
        ],
      },
  );
}

function readAnew(queryClient: QueryClient, what: string): void {
  const keys = affected[what];
  if (!keys) void queryClient.invalidateQueries();
  for (const queryKey of keys ?? []) void queryClient.invalidateQueries({ queryKey });
}
