import { useQuery } from "@tanstack/react-query";
import { Plus, Users } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import type { UserPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ListSkeleton } from "@/features/items/list-skeleton";
import { EmptyState } from "@/features/layout/empty-state";
import { ErrorState } from "@/features/layout/error-state";
import { PageHeader } from "@/features/layout/page-header";
import { useSession } from "@/features/session/session";
import { UserEditor } from "@/features/users/user-editor";
import { usersQuery, useUserMutations } from "@/features/users/user-queries";
import { UsersTable } from "@/features/users/users-table";
import { messageOf } from "@/lib/errors";

type Editing = { user?: UserPublic };

export function UsersPage() {
  const { managesUsers } = useSession();
  if (managesUsers) return <UsersManager />;
  return (
    <div className="page">
      <PageHeader title="Users" />
      <EmptyState icon={Users} title="Nothing to manage here">
        Accounts are looked after by an administrator, where signing in is switched on.
      </EmptyState>
    </div>
  );
}

function UsersManager() {
  const { me } = useSession();
  const users = useQuery(usersQuery);
  const { destroy } = useUserMutations();
  const [editing, setEditing] = useState<Editing | null>(null);
  const [deleting, setDeleting] = useState<UserPublic | null>(null);

  const remove = async (user: UserPublic) => {
    try {
      await destroy(user.id);
      toast(`Deleted ${user.email}`);
    } catch (error) {
      toast.error(`Could not delete ${user.email}`, { description: messageOf(error) });
    }
  };

  return (
    <div className="page pb-12">
      <PageHeader title="Users" note={users.data ? countWords(users.data.count) : null}>
        <Button onClick={() => setEditing({})} data-testid="new-user">
          <Plus />
          Add user
        </Button>
      </PageHeader>
      {users.data ? (
        <UsersTable
          users={users.data.data}
          me={me}
          onEdit={(user) => setEditing({ user })}
          onDelete={setDeleting}
        />
      ) : users.isError ? (
        <ErrorState error={users.error} onRetry={() => void users.refetch()} />
      ) : (
        <ListSkeleton />
      )}
      {editing ? (
        <UserEditor user={editing.user} isMe={editing.user?.id === me?.id} onClose={() => setEditing(null)} />
      ) : null}
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title="Delete this user?"
        description={`${deleting?.email} and all of their items will be gone. This cannot be undone.`}
        confirm={{
          children: "Delete user",
          onClick: () => deleting && void remove(deleting),
          "data-testid": "user-delete-confirm",
        }}
      />
    </div>
  );
}

function countWords(count: number): string {
  return count === 1 ? "1 account" : `${count} accounts`;
}
