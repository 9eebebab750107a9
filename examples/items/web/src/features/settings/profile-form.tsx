import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { toast } from "sonner";
import { type UserPublic, type UserUpdateMe, usersUpdateMe } from "@/client";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { emailField, nameField } from "@/features/session/fields";
import { meQuery } from "@/features/session/session";
import { data } from "@/lib/api";
import { showFormError } from "@/lib/form-errors";
import { z } from "@/lib/schema";

const named = z.object({ fullName: nameField, email: z.string() });
const reachable = named.extend({ email: emailField });

export function ProfileForm({ me, withEmail }: { me: UserPublic; withEmail: boolean }) {
  const queryClient = useQueryClient();
  const { mutateAsync: update } = useMutation({
    mutationFn: (change: UserUpdateMe) => data(usersUpdateMe({ body: change, throwOnError: true })),
    onSuccess: (next) => queryClient.setQueryData(meQuery.queryKey, next),
  });
  const form = useForm({
    resolver: zodResolver(withEmail ? reachable : named),
    defaultValues: { fullName: me.full_name ?? "", email: me.email },
  });
  const { errors, isSubmitting, isDirty } = form.formState;

  const save = form.handleSubmit(async ({ fullName, email }) => {
    try {
      const next = await update({ full_name: fullName || null, ...(withEmail ? { email } : {}) });
      form.reset({ fullName: next.full_name ?? "", email: next.email });
      toast("Saved your profile");
    } catch (error) {
      showFormError(form, error);
    }
  });

  return (
    <form onSubmit={save} className="flex max-w-sm flex-col gap-4" noValidate>
      <Field label="Name" error={errors.fullName?.message}>
        {(control) => (
          <Input {...control} {...form.register("fullName")} autoComplete="name" data-testid="profile-name" />
        )}
      </Field>
      {withEmail ? (
        <Field label="E-mail" error={errors.email?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("email")}
              type="email"
              autoComplete="email"
              data-testid="profile-email"
            />
          )}
        </Field>
      ) : null}
      <FormError message={errors.root?.message} />
      <Button
        type="submit"
        variant="outline"
        className="self-start"
        disabled={!isDirty || isSubmitting}
        data-testid="profile-save"
      >
        {isSubmitting ? "Saving…" : "Save profile"}
      </Button>
    </form>
  );
}
