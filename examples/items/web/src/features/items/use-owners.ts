import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSession } from "@/features/session/session";
import { usersQuery } from "@/features/users/user-queries";

/** Names of everybody else, for a superuser, who sees their items too. */
export function useOwners(): ReadonlyMap<string, string> {
  const { me, managesUsers } = useSession();
  const users = useQuery({ ...usersQuery, enabled: managesUsers }).data;
  return useMemo(
    () =>
      new Map(
        users?.data
          .filter((user) => user.id !== me?.id)
          .map((user) => [user.id, user.full_name || user.email] as const),
      ),
    [users, me?.id],
  );
}
