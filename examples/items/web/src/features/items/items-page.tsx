import { CircleCheckBig, Inbox, ListChecks, Plus, SearchX } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { ItemEditorHost, useEditorTarget } from "@/features/items/item-editor-host";
import { ItemList } from "@/features/items/item-list";
import { type Filter, filters } from "@/features/items/item-queries";
import { ItemsToolbar } from "@/features/items/items-toolbar";
import { ListSkeleton } from "@/features/items/list-skeleton";
import { LoadMore } from "@/features/items/load-more";
import { useItemActions } from "@/features/items/use-item-actions";
import { useItems } from "@/features/items/use-items";
import { useOwners } from "@/features/items/use-owners";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { usePersistentChoice } from "@/lib/use-persistent";
import { useShortcuts } from "@/lib/use-shortcuts";

export function ItemsPage() {
  const [search, setSearch] = useState("");
  const [filter, setFilter] = usePersistentChoice<Filter>("items:filter", filters, "all");
  const searchRef = useRef<HTMLInputElement>(null);
  const { query, items, total, open } = useItems(search, filter);
  const owners = useOwners();
  const actions = useItemActions();
  const editor = useEditorTarget();

  useShortcuts({
    n: editor.openNew,
    "/": () => {
      searchRef.current?.focus();
      searchRef.current?.select();
    },
  });

  return (
    <div className="page flex min-h-full flex-col pb-12">
      <PageHeader title="Items" note={query.data ? countWords(total, open, search.trim()) : null}>
        <Button onClick={editor.openNew} data-testid="new-item" title="New item (N)">
          <Plus />
          New item
          <Kbd className="hidden border-transparent bg-black/15 text-current md:grid">N</Kbd>
        </Button>
      </PageHeader>
      <ItemsToolbar
        search={search}
        onSearch={setSearch}
        searchRef={searchRef}
        filter={filter}
        onFilter={setFilter}
      />
      {query.data ? (
        <>
          {items.length > 0 ? (
            <ItemList items={items} owners={owners} actions={actions} onEdit={editor.openItem} />
          ) : query.hasNextPage ? null : (
            <NothingHere search={search.trim()} filter={filter} onNew={editor.openNew} />
          )}
          {query.hasNextPage ? <LoadMore loading={query.isFetching} onVisible={query.fetchNextPage} /> : null}
        </>
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <ListSkeleton />
      )}
      <ItemEditorHost editor={editor} actions={actions} />
    </div>
  );
}

function countWords(total: number, open: number | undefined, search: string): string {
  const items = `${total.toLocaleString("en")} ${total === 1 ? "item" : "items"}`;
  if (search) return `${items} found`;
  if (open === undefined || total === 0) return items;
  return open === 0 ? `${items}, all done` : `${items}, ${open.toLocaleString("en")} open`;
}

function NothingHere({ search, filter, onNew }: { search: string; filter: Filter; onNew: () => void }) {
  if (search) {
    return (
      <EmptyState icon={SearchX} title="Nothing found">
        No {filter === "all" ? "" : `${filter} `}item contains “{search}”.
      </EmptyState>
    );
  }
  if (filter === "open") {
    return (
      <EmptyState icon={CircleCheckBig} title="All done">
        Nothing is open. Enjoy it while it lasts.
      </EmptyState>
    );
  }
  if (filter === "done") {
    return (
      <EmptyState icon={ListChecks} title="Nothing done yet">
        What you tick off is kept here.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Inbox}
      title="No items yet"
      action={
        <Button variant="outline" onClick={onNew}>
          <Plus />
          Add the first one
        </Button>
      }
    >
      Write down what you do not want to forget.
    </EmptyState>
  );
}
