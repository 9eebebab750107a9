import { queryOptions } from "@tanstack/react-query";
import { type ProviderName, providersList, providersModels } from "@/client";
import { data } from "@/lib/api";

/** Who can be asked, and which models are offered. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => data(providersList({ signal, throwOnError: true })),
});

/** The models that a provider itself says it has; asks it. */
export const modelsQuery = (name: ProviderName) =>
  queryOptions({
    queryKey: ["providers", name, "models"],
    queryFn: ({ signal }) => data(providersModels({ path: { name }, signal, throwOnError: true })),
    staleTime: 300_000,
  });
