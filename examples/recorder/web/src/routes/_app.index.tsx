import { createFileRoute } from "@tanstack/react-router";
import { historyQuery } from "@/features/history/history-queries";
import { ListenPage } from "@/features/live/listen-page";

export const Route = createFileRoute("/_app/")({
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(historyQuery),
  component: ListenPage,
});
