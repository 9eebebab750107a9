import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { type HearingsPublic, historyClear, historyDelete, historyList } from "@/client";
import { data } from "@/lib/api";
import { messageOf } from "@/lib/errors";

const historyKey = ["history"];
export const pageSize = 50;

/** What was heard, newest first, a page at a time. */
export const historyQuery = infiniteQueryOptions({
  queryKey: historyKey,
  queryFn: ({ pageParam, signal }) =>
    data(historyList({ query: { skip: pageParam, limit: pageSize }, signal, throwOnError: true })),
  initialPageParam: 0,
  getNextPageParam: (last: HearingsPublic, pages: HearingsPublic[]) => {
    const loaded = pages.reduce((sum, page) => sum + page.data.length, 0);
    return last.data.length > 0 && loaded < last.count ? loaded : undefined;
  },
});

export function useDeleteHearing() {
  return useHistoryChange((id: number) => historyDelete({ path: { id }, throwOnError: true }));
}

export function useClearHistory() {
  return useHistoryChange(() => historyClear({ throwOnError: true }));
}

function useHistoryChange<Given>(change: (given: Given) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => toast.error(messageOf(error)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: historyKey }),
  });
}
