import { createFileRoute } from "@tanstack/react-router";
import { providersQuery } from "@/features/providers/provider-queries";
import { ProvidersPage } from "@/features/providers/providers-page";

export const Route = createFileRoute("/_app/providers")({
  loader: ({ context }) => void context.queryClient.prefetchQuery(providersQuery),
  component: ProvidersPage,
});
