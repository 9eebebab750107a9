import { createFileRoute } from "@tanstack/react-router";
import { backTarget, requireNoSession } from "@/features/session/guards";
import { SignupPage } from "@/features/session/signup-page";

export const Route = createFileRoute("/signup")({
  validateSearch: (search): { redirect?: string } => ({ redirect: backTarget(search.redirect) }),
  beforeLoad: ({ context }) => requireNoSession(context.queryClient, "signup"),
  component: function Signup() {
    return <SignupPage back={Route.useSearch().redirect ?? "/"} />;
  },
});
