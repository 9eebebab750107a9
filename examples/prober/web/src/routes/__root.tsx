import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, Outlet } from "@tanstack/react-router";
import { Toaster } from "@/components/ui/toaster";
import { ConnectionBanner } from "@/features/layout/connection-banner";

export const Route = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: () => (
    <>
      <ConnectionBanner />
      <Outlet />
      <Toaster />
    </>
  ),
});
