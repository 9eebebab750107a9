import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ItemPublic, itemsCreate, itemsDelete, itemsUpdate } from "@/client";
import {
  changeLists,
  type ItemPages,
  itemsKey,
  matchesSearch,
  withItem,
  withoutItem,
  withReplaced,
} from "@/features/items/items-cache";
import { data } from "@/lib/api";

export type ItemText = { title: string; description: string | null };
export type NewItem = ItemText & { done?: boolean };
export type ItemChange = { id: string; change: Partial<ItemText & { done: boolean }> };

/** An item the server has not confirmed yet has an id of this kind. */
const pendingPrefix = "pending-";

export const createKey = [...itemsKey, "create"] as const;

export function isPending(item: ItemPublic): boolean {
  return item.id.startsWith(pendingPrefix);
}

/*
 * All three show their result at once and take it back when the server refuses. While the server is away
 * they wait, and are carried out when it is back.
 */

export function useCreateItem() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: createKey,
    mutationFn: (item: NewItem) => data(itemsCreate({ body: item, throwOnError: true })),
    onMutate: async (item) => {
      const before = await snapshot(queryClient);
      const now = new Date().toISOString();
      const optimistic: ItemPublic = {
        id: `${pendingPrefix}${now}-${Math.random()}`,
        done: false,
        created_at: now,
        updated_at: now,
        owner_id: "",
        ...item,
      };
      changeLists(queryClient, (pages, search) =>
        matchesSearch(optimistic, search) ? withItem(pages, optimistic) : pages,
      );
      return { before, id: optimistic.id };
    },
    onSuccess: (created, _item, { id }) =>
      changeLists(queryClient, (pages) => withReplaced(pages, id, created)),
    onError: (_error, _item, context) => restore(queryClient, context?.before),
    onSettled: () => refresh(queryClient),
  });
}

export function useUpdateItem() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: [...itemsKey, "update"],
    mutationFn: ({ id, change }: ItemChange) =>
      data(itemsUpdate({ path: { id }, body: change, throwOnError: true })),
    onMutate: async ({ id, change }) => {
      const before = await snapshot(queryClient);
      changeLists(queryClient, (pages) => withReplaced(pages, id, change));
      return { before };
    },
    onError: (_error, _change, context) => restore(queryClient, context?.before),
    onSettled: () => refresh(queryClient),
  });
}

export function useDeleteItem() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: [...itemsKey, "delete"],
    mutationFn: (id: string) => data(itemsDelete({ path: { id }, throwOnError: true })),
    onMutate: async (id) => {
      const before = await snapshot(queryClient);
      changeLists(queryClient, (pages) => withoutItem(pages, id));
      return { before };
    },
    onError: (_error, _id, context) => restore(queryClient, context?.before),
    onSettled: () => refresh(queryClient),
  });
}

type Snapshot = [readonly unknown[], ItemPages | undefined][];

async function snapshot(queryClient: QueryClient): Promise<Snapshot> {
  await queryClient.cancelQueries({ queryKey: itemsKey });
  return queryClient.getQueriesData<ItemPages>({ queryKey: itemsKey });
}

function restore(queryClient: QueryClient, before: Snapshot | undefined): void {
  for (const [key, pages] of before ?? []) queryClient.setQueryData(key, pages);
}

/** Asks the server how it really is, once the last of several changes has gone through. */
function refresh(queryClient: QueryClient): void {
  if (queryClient.isMutating({ mutationKey: itemsKey }) > 1) return;
  void queryClient.invalidateQueries({ queryKey: itemsKey });
}
