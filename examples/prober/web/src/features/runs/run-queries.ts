import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import {
  type RunCreate,
  type RunPublic,
  type RunsPublic,
  runsContinue,
  runsDelete,
  runsList,
  runsRead,
  runsResults,
  runsRetry,
  runsStart,
  runsStop,
} from "@/client";
import { data } from "@/lib/api";
import { messageOf } from "@/lib/errors";

export const runsKey = ["runs"] as const;
export const runsListKey = ["runs", "list"] as const;
export const runKey = (id: number) => ["runs", "one", id] as const;
export const resultsKey = (id: number) => ["runs", "results", id] as const;
export const pageSize = 30;

/** All runs, newest first, a page at a time. */
export const runsQuery = infiniteQueryOptions({
  queryKey: runsListKey,
  queryFn: ({ pageParam, signal }) =>
    data(runsList({ query: { skip: pageParam, limit: pageSize }, signal, throwOnError: true })),
  initialPageParam: 0,
  getNextPageParam: (last: RunsPublic, pages: RunsPublic[]) => {
    const loaded = pages.reduce((sum, page) => sum + page.data.length, 0);
    return last.data.length > 0 && loaded < last.count ? loaded : undefined;
  },
});

/** One run, and how far it is. */
export const runQuery = (id: number) =>
  queryOptions({
    queryKey: runKey(id),
    queryFn: ({ signal }) => data(runsRead({ path: { id }, signal, throwOnError: true })),
  });

/** What came of the cases of a run so far. */
export const resultsQuery = (id: number) =>
  queryOptions({
    queryKey: resultsKey(id),
    queryFn: ({ signal }) => data(runsResults({ path: { id }, signal, throwOnError: true })),
  });

export function useStartRun() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: RunCreate) => data(runsStart({ body, throwOnError: true })),
    onSuccess: (run) => {
      queryClient.setQueryData(runKey(run.id), run);
      return queryClient.invalidateQueries({ queryKey: runsListKey });
    },
  });
}

const changes = { stop: runsStop, continue: runsContinue, retry: runsRetry };

/** Stops a run, lets it go on, or asks again what got no answer. */
export function useChangeRun(id: number) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: keyof typeof changes) =>
      data<RunPublic>(changes[change]({ path: { id }, throwOnError: true })),
    onSuccess: (run) => {
      queryClient.setQueryData(runKey(id), run);
      return queryClient.invalidateQueries({ queryKey: runsKey });
    },
    onError: (error) => toast.error(messageOf(error)),
  });
}

export function useDeleteRun(id: number) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => runsDelete({ path: { id }, throwOnError: true }),
    onSuccess: () => {
      queryClient.removeQueries({ queryKey: runKey(id) });
      queryClient.removeQueries({ queryKey: resultsKey(id) });
      return queryClient.invalidateQueries({ queryKey: runsListKey });
    },
    onError: (error) => toast.error(messageOf(error)),
  });
}
