import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { toast } from "sonner";
import { usersUpdatePasswordMe } from "@/client";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { passwordField } from "@/features/session/fields";
import { data } from "@/lib/api";
import { showFormError } from "@/lib/form-errors";
import { z } from "@/lib/schema";

const schema = z.object({
  current_password: z.string().min(1, "The current password is missing."),
  new_password: passwordField,
});

type Passwords = z.infer<typeof schema>;

export function PasswordForm({ email }: { email: string }) {
  const { mutateAsync: change } = useMutation({
    mutationFn: (passwords: Passwords) =>
      data(usersUpdatePasswordMe({ body: passwords, throwOnError: true })),
  });
  const form = useForm<Passwords>({
    resolver: zodResolver(schema),
    defaultValues: { current_password: "", new_password: "" },
  });
  const { errors, isSubmitting } = form.formState;

  const save = form.handleSubmit(async (passwords) => {
    try {
      await change(passwords);
      form.reset();
      toast("Changed your password");
    } catch (error) {
      showFormError(form, error);
    }
  });

  return (
    <form onSubmit={save} className="flex max-w-sm flex-col gap-4" noValidate>
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field label="Current password" error={errors.current_password?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("current_password")}
            type="password"
            autoComplete="current-password"
            data-testid="password-current"
          />
        )}
      </Field>
      <Field label="New password" error={errors.new_password?.message} hint="At least 8 characters.">
        {(control) => (
          <Input
            {...control}
            {...form.register("new_password")}
            type="password"
            autoComplete="new-password"
            data-testid="password-new"
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <Button
        type="submit"
        variant="outline"
        className="self-start"
        disabled={isSubmitting}
        data-testid="password-save"
      >
        {isSubmitting ? "Changing…" : "Change password"}
      </Button>
    </form>
  );
}
