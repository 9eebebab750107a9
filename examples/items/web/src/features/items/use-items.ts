import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type Filter, itemsQuery, passesFilter } from "@/features/items/item-queries";
import { flatten } from "@/features/items/items-cache";

/** The items that were searched for and pass the filter, as far as they are loaded. */
export function useItems(search: string, filter: Filter) {
  const query = useInfiniteQuery(itemsQuery(useSettled(search.trim(), 150)));
  const loaded = useMemo(() => flatten(query.data), [query.data]);
  const items = useMemo(() => loaded.filter((item) => passesFilter(item, filter)), [loaded, filter]);
  const open = useMemo(() => loaded.filter((item) => !item.done).length, [loaded]);

  return {
    query,
    items,
    total: query.data?.pages[0]?.count ?? 0,
    /** Known only once everything is loaded. */
    open: query.hasNextPage ? undefined : open,
  };
}

/** Follows a value once it has stopped changing. */
function useSettled<Value>(value: Value, delay: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return settled;
}
