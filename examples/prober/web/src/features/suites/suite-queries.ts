import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { type Problem, type SuiteCreate, suitesAdd, suitesDelete, suitesList, suitesRead } from "@/client";
import { data } from "@/lib/api";
import { ApiError, isRecord, messageOf } from "@/lib/errors";

export const suitesKey = ["suites"] as const;

/** All suites, the user's own first. */
export const suitesQuery = queryOptions({
  queryKey: [...suitesKey, "list"],
  queryFn: ({ signal }) => data(suitesList({ signal, throwOnError: true })),
});

/** A suite, with its cases and its text. */
export const suiteQuery = (id: string) =>
  queryOptions({
    queryKey: [...suitesKey, "one", id],
    queryFn: ({ signal }) => data(suitesRead({ path: { id }, signal, throwOnError: true })),
  });

export function useAddSuite() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: SuiteCreate) => data(suitesAdd({ body, throwOnError: true })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: suitesKey }),
  });
}

export function useDeleteSuite() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => suitesDelete({ path: { id }, throwOnError: true }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: suitesQuery.queryKey }),
    onError: (error) => toast.error(messageOf(error)),
  });
}

/** Gives the mistakes that the server found in a file. */
export function problemsOf(error: unknown): Problem[] {
  if (!(error instanceof ApiError) || !isRecord(error.body) || !Array.isArray(error.body.problems)) return [];
  return error.body.problems as Problem[];
}
