import { Pencil, Trash2 } from "lucide-react";
import { memo } from "react";
import type { ItemPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { isPending } from "@/features/items/item-mutations";
import type { ItemActions } from "@/features/items/use-item-actions";
import { cn } from "@/lib/class-names";
import { dateWords, exactTime, parseTime } from "@/lib/date-words";

type ItemRowProps = {
  item: ItemPublic;
  owner?: string | undefined;
  now: Date;
  actions: ItemActions;
  onEdit: (item: ItemPublic) => void;
};

/** One item. Its title is a button, so that the keyboard has one place to stop at. */
export const ItemRow = memo(function ItemRow({ item, owner, now, actions, onEdit }: ItemRowProps) {
  const created = parseTime(item.created_at);
  const pending = isPending(item);

  return (
    <li
      data-testid="item-row"
      data-title={item.title}
      data-done={item.done}
      data-id={item.id}
      aria-busy={pending}
      className={cn(
        "group relative flex items-start gap-3.5 border-b px-3 py-3 transition-colors [contain-intrinsic-size:auto_3.25rem] [content-visibility:auto] focus-within:bg-secondary/70 hover:bg-secondary/70",
        pending && "opacity-60",
      )}
    >
      <Checkbox
        checked={item.done}
        disabled={pending}
        aria-label={item.done ? `Mark “${item.title}” as open` : `Mark “${item.title}” as done`}
        data-testid="item-done"
        className="relative z-1 mt-0.5"
        onCheckedChange={(checked) => void actions.setDone(item, checked === true)}
      />
      <button
        type="button"
        data-row-focus
        disabled={pending}
        aria-label={`Edit “${item.title}”`}
        onClick={() => onEdit(item)}
        className="min-w-0 flex-1 text-left outline-none before:absolute before:inset-0 focus-visible:before:rounded-md focus-visible:before:ring-2 focus-visible:before:ring-ring focus-visible:before:ring-inset"
      >
        <span
          className={cn(
            "block font-medium break-words transition-colors",
            item.done && "text-muted-foreground line-through decoration-muted-foreground/50",
          )}
        >
          {item.title}
        </span>
        {item.description ? (
          <span className="line-clamp-1 text-[0.8125rem] break-words text-muted-foreground">
            {item.description}
          </span>
        ) : null}
        {owner ? <span className="block text-xs text-muted-foreground">Belongs to {owner}</span> : null}
      </button>
      <time
        dateTime={item.created_at}
        title={exactTime(created)}
        className="mt-0.5 hidden shrink-0 text-xs text-muted-foreground tabular-nums sm:block sm:group-focus-within:invisible sm:group-hover:invisible"
      >
        {dateWords(created, now)}
      </time>
      <div className="-my-1.5 flex shrink-0 items-center self-center text-muted-foreground sm:absolute sm:top-1/2 sm:right-2 sm:my-0 sm:-translate-y-1/2 sm:opacity-0 sm:group-focus-within:opacity-100 sm:group-hover:opacity-100">
        <Button
          variant="ghost"
          size="icon-sm"
          disabled={pending}
          className="relative z-1 hover:bg-sidebar-active hover:text-foreground"
          aria-label={`Edit “${item.title}”`}
          title="Edit"
          data-testid="item-edit"
          onClick={() => onEdit(item)}
        >
          <Pencil />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          disabled={pending}
          className="relative z-1 hover:bg-sidebar-active hover:text-destructive"
          aria-label={`Delete “${item.title}”`}
          title="Delete"
          data-testid="item-delete"
          onClick={() => void actions.remove(item)}
        >
          <Trash2 />
        </Button>
      </div>
    </li>
  );
});
