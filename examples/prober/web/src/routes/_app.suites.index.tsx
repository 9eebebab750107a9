import { createFileRoute } from "@tanstack/react-router";
import { suitesQuery } from "@/features/suites/suite-queries";
import { SuitesPage } from "@/features/suites/suites-page";

export const Route = createFileRoute("/_app/suites/")({
  loader: ({ context }) => void context.queryClient.prefetchQuery(suitesQuery),
  component: SuitesPage,
});
