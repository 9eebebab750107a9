import { useMemo } from "react";
import { toast } from "sonner";
import type { ItemPublic } from "@/client";
import {
  type ItemText,
  type NewItem,
  useCreateItem,
  useDeleteItem,
  useUpdateItem,
} from "@/features/items/item-mutations";
import { messageOf } from "@/lib/errors";

export type ItemActions = ReturnType<typeof useItemActions>;

/** What a user can do with items; each of it can be taken back from the toast that tells of it. */
export function useItemActions() {
  const { mutateAsync: create } = useCreateItem();
  const { mutateAsync: update } = useUpdateItem();
  const { mutateAsync: destroy } = useDeleteItem();

  return useMemo(() => {
    const undoable = (message: string, undo: () => Promise<unknown>) =>
      toast(message, {
        action: { label: "Undo", onClick: () => void undo().catch(report("Could not undo this")) },
      });

    return {
      /** Rejects with the server's reason, for the form to show. */
      async create(item: NewItem): Promise<void> {
        const created = await create(item);
        undoable(`Added ${quoted(created)}`, () => destroy(created.id));
      },

      /** Rejects with the server's reason, for the form to show. */
      async edit(item: ItemPublic, text: ItemText): Promise<void> {
        await update({ id: item.id, change: text });
        const { title, description } = item;
        undoable(`Saved ${quoted(text)}`, () => update({ id: item.id, change: { title, description } }));
      },

      async setDone(item: ItemPublic, done: boolean): Promise<void> {
        try {
          await update({ id: item.id, change: { done } });
          undoable(done ? `Done: ${quoted(item)}` : `Open again: ${quoted(item)}`, () =>
            update({ id: item.id, change: { done: !done } }),
          );
        } catch (error) {
          report(`Could not change ${quoted(item)}`)(error);
        }
      },

      async remove(item: ItemPublic): Promise<void> {
        try {
          await destroy(item.id);
          const { title, description, done } = item;
          undoable(`Deleted ${quoted(item)}`, () => create({ title, description, done }));
        } catch (error) {
          report(`Could not delete ${quoted(item)}`)(error);
        }
      },
    };
  }, [create, update, destroy]);
}

function report(what: string) {
  return (error: unknown) => {
    toast.error(what, { description: messageOf(error) });
  };
}

function quoted({ title }: { title: string }): string {
  return `“${title.length > 40 ? `${title.slice(0, 39)}…` : title}”`;
}
