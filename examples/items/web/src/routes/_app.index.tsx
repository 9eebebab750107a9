import { createFileRoute } from "@tanstack/react-router";
import { itemsQuery } from "@/features/items/item-queries";
import { ItemsPage } from "@/features/items/items-page";

export const Route = createFileRoute("/_app/")({
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(itemsQuery("")),
  component: ItemsPage,
});
