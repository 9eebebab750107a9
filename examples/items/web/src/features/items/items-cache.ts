import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ItemPublic, ItemsPublic } from "@/client";

export const itemsKey = ["items"] as const;

export type ItemPages = InfiniteData<ItemsPublic>;

/** All loaded items, each once: a page may shift while the next one is fetched. */
export function flatten(pages: ItemPages | undefined): ItemPublic[] {
  const byId = new Map(pages?.pages.flatMap((page) => page.data).map((item) => [item.id, item]));
  return [...byId.values()];
}

export function matchesSearch(item: ItemPublic, search: string): boolean {
  const words = search.trim().toLowerCase();
  return `${item.title}\n${item.description ?? ""}`.toLowerCase().includes(words);
}

export function withItem(pages: ItemPages, item: ItemPublic, index = 0): ItemPages {
  return mapPages(pages, 1, (data, page) => (page === 0 ? data.toSpliced(index, 0, item) : data));
}

export function withoutItem(pages: ItemPages, id: string): ItemPages {
  const known = pages.pages.some((page) => page.data.some((item) => item.id === id));
  return known ? mapPages(pages, -1, (data) => data.filter((item) => item.id !== id)) : pages;
}

/** Puts `next` where the item with this id is; `next` may bring a new id. */
export function withReplaced(pages: ItemPages, id: string, next: Partial<ItemPublic>): ItemPages {
  return mapPages(pages, 0, (data) => data.map((item) => (item.id === id ? { ...item, ...next } : item)));
}

function mapPages(
  pages: ItemPages,
  countChange: number,
  change: (data: ItemPublic[], page: number) => ItemPublic[],
): ItemPages {
  return {
    ...pages,
    pages: pages.pages.map((page, index) => ({
      data: change(page.data, index),
      count: page.count + countChange,
    })),
  };
}

/** Changes every list of items that is loaded; each is told what it was searched for. */
export function changeLists(
  queryClient: QueryClient,
  change: (pages: ItemPages, search: string) => ItemPages,
): void {
  for (const [key, pages] of queryClient.getQueriesData<ItemPages>({ queryKey: itemsKey })) {
    if (pages) queryClient.setQueryData(key, change(pages, String(key[1] ?? "")));
  }
}
