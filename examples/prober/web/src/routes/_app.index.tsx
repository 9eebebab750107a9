import { createFileRoute } from "@tanstack/react-router";
import { providersQuery } from "@/features/providers/provider-queries";
import { runsQuery } from "@/features/runs/run-queries";
import { RunsPage } from "@/features/runs/runs-page";

export const Route = createFileRoute("/_app/")({
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchInfiniteQuery(runsQuery);
    void queryClient.prefetchQuery(providersQuery);
  },
  component: RunsPage,
});
