import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { loginAccessToken, usersReadMe, usersSignup, utilsConfig } from "@/client";
import { sessionToken } from "@/features/session/token";
import { data } from "@/lib/api";

/** What the server is set up for: whether one signs in, and whether anybody can yet. */
export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: ({ signal }) => data(utilsConfig({ signal, throwOnError: true })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The user in whose name the pages speak. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => data(usersReadMe({ signal, throwOnError: true })),
  staleTime: 60_000,
});

export function useSession() {
  const config = useQuery(configQuery).data;
  const me = useQuery(meQuery).data;
  return {
    me,
    version: config?.version,
    authRequired: config?.auth_required ?? false,
    managesUsers: Boolean(config?.auth_required && me?.is_superuser),
  };
}

export type Credentials = { email: string; password: string };

export async function signIn(queryClient: QueryClient, { email, password }: Credentials): Promise<void> {
  const token = await data(
    loginAccessToken({ body: { username: email, password, grant_type: "password" }, throwOnError: true }),
  );
  forgetEverything(queryClient);
  sessionToken.set(token.access_token);
}

export async function signUp(
  queryClient: QueryClient,
  { fullName, ...credentials }: Credentials & { fullName: string },
): Promise<void> {
  await usersSignup({ body: { ...credentials, full_name: fullName || null }, throwOnError: true });
  await signIn(queryClient, credentials);
  await queryClient.invalidateQueries(configQuery);
}

export function signOut(queryClient: QueryClient): void {
  sessionToken.clear();
  forgetEverything(queryClient);
}

/** Drops all that belongs to one user; what the server is set up for stays. */
function forgetEverything(queryClient: QueryClient): void {
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== configQuery.queryKey[0] });
}
