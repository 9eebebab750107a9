import { createFileRoute } from "@tanstack/react-router";
import { SuitePage } from "@/features/suites/suite-page";
import { suiteQuery } from "@/features/suites/suite-queries";

export const Route = createFileRoute("/_app/suites/$id")({
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(suiteQuery(params.id)),
  component: function SuiteRoute() {
    const { id } = Route.useParams();
    return <SuitePage key={id} id={id} />;
  },
});
