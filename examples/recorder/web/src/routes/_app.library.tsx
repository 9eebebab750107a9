import { createFileRoute } from "@tanstack/react-router";
import { LibraryPage } from "@/features/library/library-page";
import { tracksQuery } from "@/features/library/library-queries";

export const Route = createFileRoute("/_app/library")({
  loader: ({ context }) => void context.queryClient.prefetchQuery(tracksQuery),
  component: LibraryPage,
});
