import { createFileRoute } from "@tanstack/react-router";
import { AppFrame, AppFramePending } from "@/features/layout/app-frame";
import { requireSession } from "@/features/session/guards";
import { meQuery } from "@/features/session/session";

export const Route = createFileRoute("/_app")({
  beforeLoad: ({ context, location }) => requireSession(context.queryClient, location.href),
  loader: ({ context }) => void context.queryClient.prefetchQuery(meQuery),
  component: AppFrame,
  pendingComponent: AppFramePending,
  pendingMs: 0,
  pendingMinMs: 0,
});
