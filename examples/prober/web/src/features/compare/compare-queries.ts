import { queryOptions } from "@tanstack/react-query";
import { type ComparisonPublic, compareRead } from "@/client";
import { data } from "@/lib/api";

export const compareKey = ["compare"] as const;
const whileRunning = 2000;

/** Some runs, side by side; read anew while one of them is not through. */
export const compareQuery = (runs: number[]) =>
  queryOptions({
    queryKey: [...compareKey, ...runs],
    queryFn: ({ signal }) => data(compareRead({ query: { run: runs }, signal, throwOnError: true })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? whileRunning : false),
  });

function isOpen({ columns }: ComparisonPublic): boolean {
  return columns.some(({ cases, passed, failed, errors }) => passed + failed + errors < cases);
}
