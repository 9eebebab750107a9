import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { configQuery } from "@/features/session/session";
import { sessionToken } from "@/features/session/token";

/** Lets only those in who are signed in, where signing in is asked for. */
export async function requireSession(queryClient: QueryClient, href: string): Promise<void> {
  const config = await queryClient.ensureQueryData(configQuery);
  if (!config.auth_required || sessionToken.get()) return;
  const search = { redirect: backTarget(href) };
  throw config.needs_first_user ? redirect({ to: "/signup", search }) : redirect({ to: "/login", search });
}

/** Sends on those who have no business on the page that signs in (or up). */
export async function requireNoSession(queryClient: QueryClient, page: "login" | "signup"): Promise<void> {
  const config = await queryClient.ensureQueryData(configQuery);
  if (!config.auth_required || sessionToken.get()) throw redirect({ to: "/" });
  if (config.needs_first_user && page === "login") throw redirect({ to: "/signup" });
  if (!config.needs_first_user && page === "signup") throw redirect({ to: "/login" });
}

/** Keeps a way back only when it leads somewhere else within this app. */
export function backTarget(href: unknown): string | undefined {
  if (typeof href !== "string" || !/^\/(?![/\\])/.test(href)) return undefined;
  return href === "/" || /^\/(login|signup)\b/.test(href) ? undefined : href;
}
