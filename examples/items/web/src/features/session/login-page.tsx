import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { emailField } from "@/features/session/fields";
import { type Credentials, signIn } from "@/features/session/session";
import { SessionCard } from "@/features/session/session-card";
import { showFormError } from "@/lib/form-errors";
import { z } from "@/lib/schema";

const schema = z.object({ email: emailField, password: z.string().min(1, "The password is missing.") });

export function LoginPage({ back }: { back: string }) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const form = useForm<Credentials>({
    resolver: zodResolver(schema),
    defaultValues: { email: "", password: "" },
  });
  const { errors, isSubmitting } = form.formState;

  const submit = form.handleSubmit(async (credentials) => {
    try {
      await signIn(queryClient, credentials);
      router.history.replace(back);
    } catch (error) {
      showFormError(form, error);
    }
  });

  return (
    <SessionCard title="Welcome back" note="Sign in to get to your items.">
      <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
        <Field label="E-mail" error={errors.email?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("email")}
              type="email"
              autoComplete="username"
              autoFocus
              data-testid="login-email"
            />
          )}
        </Field>
        <Field label="Password" error={errors.password?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("password")}
              type="password"
              autoComplete="current-password"
              data-testid="login-password"
            />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <Button type="submit" disabled={isSubmitting} className="mt-1" data-testid="login-submit">
          {isSubmitting ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </SessionCard>
  );
}
