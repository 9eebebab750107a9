import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { type ItemPublic, type ItemsPublic, itemsList } from "@/client";
import { itemsKey } from "@/features/items/items-cache";
import { data } from "@/lib/api";

export const pageSize = 100;

/** The items, newest first, a page at a time. */
export function itemsQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: [...itemsKey, search],
    queryFn: ({ pageParam, signal }) =>
      data(
        itemsList({
          query: { skip: pageParam, limit: pageSize, ...(search ? { search } : {}) },
          signal,
          throwOnError: true,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (last: ItemsPublic, pages: ItemsPublic[]) => {
      const loaded = pages.reduce((sum, page) => sum + page.data.length, 0);
      return last.data.length > 0 && loaded < last.count ? loaded : undefined;
    },
    placeholderData: keepPreviousData,
  });
}

export const filters = ["all", "open", "done"] as const;
export type Filter = (typeof filters)[number];

export function passesFilter(item: ItemPublic, filter: Filter): boolean {
  return filter === "all" || item.done === (filter === "done");
}
