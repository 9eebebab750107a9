import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type UserCreate,
  type UserPublic,
  type UserUpdate,
  usersCreate,
  usersDelete,
  usersList,
  usersUpdate,
} from "@/client";
import { data } from "@/lib/api";

const usersKey = ["users"] as const;

/** More accounts than this are not expected in an app that runs on one machine. */
const mostUsers = 1000;

export const usersQuery = queryOptions({
  queryKey: usersKey,
  queryFn: ({ signal }) => data(usersList({ query: { limit: mostUsers }, signal, throwOnError: true })),
});

export function useUserMutations() {
  const queryClient = useQueryClient();
  const onSettled = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: usersKey }),
      queryClient.invalidateQueries({ queryKey: ["me"] }),
    ]);

  const create = useMutation({
    mutationFn: (user: UserCreate) => data(usersCreate({ body: user, throwOnError: true })),
    onSettled,
  });
  const update = useMutation({
    mutationFn: ({ id, change }: { id: UserPublic["id"]; change: UserUpdate }) =>
      data(usersUpdate({ path: { user_id: id }, body: change, throwOnError: true })),
    onSettled,
  });
  const destroy = useMutation({
    mutationFn: (id: UserPublic["id"]) => data(usersDelete({ path: { user_id: id }, throwOnError: true })),
    onSettled,
  });
  return { create: create.mutateAsync, update: update.mutateAsync, destroy: destroy.mutateAsync };
}
