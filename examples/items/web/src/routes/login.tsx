import { createFileRoute } from "@tanstack/react-router";
import { backTarget, requireNoSession } from "@/features/session/guards";
import { LoginPage } from "@/features/session/login-page";

export const Route = createFileRoute("/login")({
  validateSearch: (search): { redirect?: string } => ({ redirect: backTarget(search.redirect) }),
  beforeLoad: ({ context }) => requireNoSession(context.queryClient, "login"),
  component: function Login() {
    return <LoginPage back={Route.useSearch().redirect ?? "/"} />;
  },
});
