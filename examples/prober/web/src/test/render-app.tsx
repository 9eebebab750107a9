import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { onTestFinished } from "vitest";
import { followLive } from "@/features/live/follow-live";
import { setUpApi } from "@/lib/api";
import { reportHere } from "@/lib/connection";
import { createQueryClient } from "@/lib/query-client";
import { routeTree } from "@/routeTree.gen";

/** Starts the whole app at a path, as main.tsx does. */
export function renderApp(path = "/") {
  reportHere();
  const queryClient = createQueryClient();
  const router = createRouter({
    routeTree,
    context: { queryClient },
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  setUpApi();
  onTestFinished(followLive(queryClient));
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { router, queryClient };
}
