import { Pencil, Trash2 } from "lucide-react";
import type { UserPublic } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useNow } from "@/features/items/use-now";
import { dateWords, exactTime, parseTime } from "@/lib/date-words";

type UsersTableProps = {
  users: UserPublic[];
  me: UserPublic | undefined;
  onEdit: (user: UserPublic) => void;
  onDelete: (user: UserPublic) => void;
};

export function UsersTable({ users, me, onEdit, onDelete }: UsersTableProps) {
  const now = useNow();
  return (
    <Card className="overflow-hidden">
      <table className="w-full table-fixed text-left">
        <thead className="border-b bg-muted/60 text-xs text-muted-foreground">
          <tr>
            <th scope="col" className="px-4 py-2.5 font-medium">
              User
            </th>
            <th scope="col" className="hidden w-40 px-4 py-2.5 font-medium sm:table-cell">
              Role
            </th>
            <th scope="col" className="hidden w-44 px-4 py-2.5 font-medium lg:table-cell">
              Added
            </th>
            <th scope="col" className="w-24 px-4 py-2.5">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {users.map((user) => (
            <tr key={user.id} data-testid="user-row" data-email={user.email} className="hover:bg-muted/60">
              <td className="px-4 py-3">
                <div className="flex items-center gap-3">
                  <Initial user={user} />
                  <div className="min-w-0 leading-snug">
                    <p className="truncate font-medium">
                      {user.full_name || user.email}
                      {user.id === me?.id ? (
                        <span className="font-normal text-muted-foreground"> (you)</span>
                      ) : null}
                    </p>
                    {user.full_name ? (
                      <p className="truncate text-[0.8125rem] text-muted-foreground">{user.email}</p>
                    ) : null}
                    <p className="mt-1 sm:hidden">
                      <Role user={user} />
                    </p>
                  </div>
                </div>
              </td>
              <td className="hidden px-4 py-3 sm:table-cell">
                <Role user={user} />
              </td>
              <td className="hidden px-4 py-3 text-[0.8125rem] text-muted-foreground lg:table-cell">
                <time dateTime={user.created_at} title={exactTime(parseTime(user.created_at))}>
                  {dateWords(parseTime(user.created_at), now)}
                </time>
              </td>
              <td className="px-2 py-3">
                <div className="flex justify-end text-muted-foreground">
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    aria-label={`Edit ${user.email}`}
                    title="Edit"
                    data-testid="user-edit"
                    onClick={() => onEdit(user)}
                  >
                    <Pencil />
                  </Button>
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    disabled={user.id === me?.id}
                    className="hover:text-destructive"
                    aria-label={`Delete ${user.email}`}
                    title={user.id === me?.id ? "You cannot delete yourself" : "Delete"}
                    data-testid="user-delete"
                    onClick={() => onDelete(user)}
                  >
                    <Trash2 />
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Initial({ user }: { user: UserPublic }) {
  return (
    <span
      aria-hidden
      className="grid size-8 shrink-0 place-content-center rounded-full bg-primary/12 text-[0.8125rem] font-semibold text-primary uppercase"
    >
      {[...(user.full_name || user.email)][0]}
    </span>
  );
}

function Role({ user }: { user: UserPublic }) {
  if (!user.is_active) return <Badge variant="muted">Inactive</Badge>;
  return user.is_superuser ? <Badge>Administrator</Badge> : <Badge variant="muted">User</Badge>;
}
