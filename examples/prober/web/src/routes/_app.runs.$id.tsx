import { createFileRoute } from "@tanstack/react-router";
import { RunPage } from "@/features/runs/run-page";
import { resultsQuery, runQuery } from "@/features/runs/run-queries";

export const Route = createFileRoute("/_app/runs/$id")({
  params: { parse: ({ id }) => ({ id: Number(id) }), stringify: ({ id }) => ({ id: String(id) }) },
  loader: ({ context: { queryClient }, params: { id } }) => {
    void queryClient.prefetchQuery(runQuery(id));
    void queryClient.prefetchQuery(resultsQuery(id));
  },
  component: function RunRoute() {
    const { id } = Route.useParams();
    return <RunPage key={id} id={id} />;
  },
});
