import { Search, X } from "lucide-react";
import type { RefObject } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Kbd } from "@/components/ui/kbd";
import { Segmented } from "@/components/ui/segmented";
import type { Filter } from "@/features/items/item-queries";

const choices = [
  { value: "all", label: "All" },
  { value: "open", label: "Open" },
  { value: "done", label: "Done" },
] as const;

type ItemsToolbarProps = {
  search: string;
  onSearch: (search: string) => void;
  searchRef: RefObject<HTMLInputElement | null>;
  filter: Filter;
  onFilter: (filter: Filter) => void;
};

export function ItemsToolbar({ search, onSearch, searchRef, filter, onFilter }: ItemsToolbarProps) {
  return (
    <div className="flex flex-col gap-2 sm:flex-row">
      <div className="relative flex-1">
        <Search
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
          aria-hidden
        />
        <Input
          ref={searchRef}
          type="text"
          inputMode="search"
          aria-label="Search items"
          placeholder="Search"
          autoComplete="off"
          spellCheck={false}
          value={search}
          data-testid="search-input"
          className="peer px-9"
          onChange={(event) => onSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            onSearch("");
            event.currentTarget.blur();
          }}
        />
        {search ? (
          <Button
            variant="ghost"
            size="icon-sm"
            className="absolute top-0.5 right-0.5 text-muted-foreground"
            aria-label="Clear the search"
            onClick={() => {
              onSearch("");
              searchRef.current?.focus();
            }}
          >
            <X />
          </Button>
        ) : (
          <Kbd className="pointer-events-none absolute top-2 right-2 hidden peer-focus:hidden md:grid">/</Kbd>
        )}
      </div>
      <Segmented label="Show" value={filter} options={choices} onChange={onFilter} className="sm:w-56" />
    </div>
  );
}
