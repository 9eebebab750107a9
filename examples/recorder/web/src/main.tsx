import { QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouteError, RouteMissing } from "@/features/layout/route-states";
import { configQuery } from "@/features/session/session";
import { setUpApi } from "@/lib/api";
import { createQueryClient } from "@/lib/query-client";
import { routeTree } from "./routeTree.gen";
import "./styles.css";

const queryClient = createQueryClient();

const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: RouteMissing,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

// A page that loses its session runs its guard again, which leads to the sign-in page and back.
setUpApi(() => {
  void queryClient.invalidateQueries(configQuery).then(() => router.invalidate());
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
