import { zodResolver } from "@hookform/resolvers/zod";
import { Controller, useForm } from "react-hook-form";
import { toast } from "sonner";
import type { UserPublic } from "@/client";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";
import { emailField, nameField, passwordField } from "@/features/session/fields";
import { useUserMutations } from "@/features/users/user-queries";
import { showFormError } from "@/lib/form-errors";
import { z } from "@/lib/schema";

const newUser = z.object({
  full_name: nameField,
  email: emailField,
  password: passwordField,
  is_superuser: z.boolean(),
  is_active: z.boolean(),
});
const knownUser = newUser.extend({ password: z.union([z.literal(""), passwordField]) });

type UserForm = z.infer<typeof newUser>;

type UserEditorProps = { user?: UserPublic | undefined; isMe: boolean; onClose: () => void };

export function UserEditor({ user, isMe, onClose }: UserEditorProps) {
  const { create, update } = useUserMutations();
  const form = useForm<UserForm>({
    resolver: zodResolver(user ? knownUser : newUser),
    defaultValues: {
      full_name: user?.full_name ?? "",
      email: user?.email ?? "",
      password: "",
      is_superuser: user?.is_superuser ?? false,
      is_active: user?.is_active ?? true,
    },
  });
  const { errors, isSubmitting } = form.formState;

  const save = form.handleSubmit(async ({ password, full_name, ...rest }) => {
    const change = { ...rest, full_name: full_name || null };
    try {
      if (user) await update({ id: user.id, change: password ? { ...change, password } : change });
      else await create({ ...change, password });
      toast(user ? `Saved ${rest.email}` : `Added ${rest.email}`);
      onClose();
    } catch (error) {
      showFormError(form, error);
    }
  });

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{user ? "Edit user" : "Add user"}</DialogTitle>
          <DialogDescription>
            {user ? user.email : "They can sign in with this address and password."}
          </DialogDescription>
        </DialogHeader>
        <form onSubmit={save} className="flex flex-col gap-4" noValidate>
          <Field label="Name" error={errors.full_name?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("full_name")}
                autoComplete="off"
                data-testid="user-name"
              />
            )}
          </Field>
          <Field label="E-mail" error={errors.email?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("email")}
                type="email"
                autoComplete="off"
                data-testid="user-email"
              />
            )}
          </Field>
          <Field
            label={user ? "New password" : "Password"}
            error={errors.password?.message}
            hint={user ? "Leave empty to keep the current one." : "At least 8 characters."}
          >
            {(control) => (
              <Input
                {...control}
                {...form.register("password")}
                type="password"
                autoComplete="new-password"
                data-testid="user-password"
              />
            )}
          </Field>
          <div className="divide-y rounded-md border">
            <Toggle
              form={form}
              name="is_superuser"
              label="Administrator"
              note="Manages users, sees all items"
              disabled={isMe}
            />
            <Toggle form={form} name="is_active" label="Active" note="May sign in" disabled={isMe} />
          </div>
          <FormError message={errors.root?.message} />
          <DialogFooter>
            <Button variant="ghost" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={isSubmitting} data-testid="user-save">
              {isSubmitting ? "Saving…" : user ? "Save" : "Add user"}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

type ToggleProps = {
  form: ReturnType<typeof useForm<UserForm>>;
  name: "is_superuser" | "is_active";
  label: string;
  note: string;
  disabled: boolean;
};

function Toggle({ form, name, label, note, disabled }: ToggleProps) {
  return (
    <div className="flex items-center justify-between gap-4 px-3 py-2.5">
      <div className="flex flex-col">
        <Label htmlFor={name}>{label}</Label>
        <span id={`${name}-note`} className="text-[0.8125rem] text-muted-foreground">
          {note}
        </span>
      </div>
      <Controller
        control={form.control}
        name={name}
        render={({ field }) => (
          <Switch
            id={name}
            aria-describedby={`${name}-note`}
            checked={field.value}
            onCheckedChange={field.onChange}
            onBlur={field.onBlur}
            disabled={disabled}
          />
        )}
      />
    </div>
  );
}
