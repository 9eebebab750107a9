import { type KeyboardEvent, useMemo } from "react";
import type { ItemPublic } from "@/client";
import { ItemRow } from "@/features/items/item-row";
import type { ItemActions } from "@/features/items/use-item-actions";
import { useNow } from "@/features/items/use-now";
import { dateGroup, parseTime } from "@/lib/date-words";

type ItemListProps = {
  items: ItemPublic[];
  owners: ReadonlyMap<string, string>;
  actions: ItemActions;
  onEdit: (item: ItemPublic) => void;
};

/** The items, filed by when they were added. */
export function ItemList({ items, owners, actions, onEdit }: ItemListProps) {
  const now = useNow();
  const groups = useMemo(() => groupByDate(items, now), [items, now]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const row = (event.target as Element).closest("[data-id]");
    const item = items.find(({ id }) => id === row?.getAttribute("data-id"));
    if (!item) return;
    const onTitle = (event.target as Element).hasAttribute("data-row-focus");
    if (event.key === "ArrowDown") moveFocus(event.currentTarget, item.id, 1);
    else if (event.key === "ArrowUp") moveFocus(event.currentTarget, item.id, -1);
    else if (event.key === "x" && onTitle) void actions.setDone(item, !item.done);
    else if (event.key === "Delete" && onTitle) {
      moveFocus(event.currentTarget, item.id, 1) || moveFocus(event.currentTarget, item.id, -1);
      void actions.remove(item);
    } else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys are heard here for the buttons of all rows.
    <div onKeyDown={onKeyDown}>
      {groups.map((group) => (
        <section key={group.name} aria-label={group.name}>
          <h2 className="sticky top-0 z-10 border-b bg-background px-3 pt-5 pb-2 text-xs font-medium text-muted-foreground">
            {group.name}
          </h2>
          <ul>
            {group.items.map((item) => (
              <ItemRow
                key={item.id}
                item={item}
                owner={owners.get(item.owner_id)}
                now={now}
                actions={actions}
                onEdit={onEdit}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

type Group = { name: string; items: ItemPublic[] };

function groupByDate(items: ItemPublic[], now: Date): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const name = dateGroup(parseTime(item.created_at), now);
    const last = groups.at(-1);
    if (last?.name === name) last.items.push(item);
    else groups.push({ name, items: [item] });
  }
  return groups;
}

/** Goes to the row before or after; tells whether there is one. */
function moveFocus(list: Element, id: string, step: 1 | -1): boolean {
  const rows = [...list.querySelectorAll<HTMLElement>("[data-id]")];
  const next = rows[rows.findIndex((row) => row.dataset.id === id) + step];
  const target = next?.querySelector<HTMLElement>("[data-row-focus]");
  target?.focus();
  return Boolean(target);
}
