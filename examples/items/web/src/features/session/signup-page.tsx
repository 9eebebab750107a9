import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { emailField, nameField, passwordField } from "@/features/session/fields";
import { signUp } from "@/features/session/session";
import { SessionCard } from "@/features/session/session-card";
import { showFormError } from "@/lib/form-errors";
import { z } from "@/lib/schema";

const schema = z.object({ fullName: nameField, email: emailField, password: passwordField });

export function SignupPage({ back }: { back: string }) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: { fullName: "", email: "", password: "" },
  });
  const { errors, isSubmitting } = form.formState;

  const submit = form.handleSubmit(async (account) => {
    try {
      await signUp(queryClient, account);
      router.history.replace(back);
    } catch (error) {
      showFormError(form, error);
    }
  });

  return (
    <SessionCard title="Set up the first account" note="It manages the others, and stays on this computer.">
      <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <Field label="Name" error={errors.fullName?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("fullName")}
              autoComplete="name"
              autoFocus
              data-testid="signup-name"
            />
          )}
        </Field>
        <Field label="E-mail" error={errors.email?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("email")}
              type="email"
              autoComplete="username"
              data-testid="signup-email"
            />
          )}
        </Field>
        <Field label="Password" error={errors.password?.message} hint="At least 8 characters.">
          {(control) => (
            <Input
              {...control}
              {...form.register("password")}
              type="password"
              autoComplete="new-password"
              data-testid="signup-password"
            />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <Button type="submit" disabled={isSubmitting} className="mt-1" data-testid="signup-submit">
          {isSubmitting ? "Setting up…" : "Create account"}
        </Button>
      </form>
    </SessionCard>
  );
}
