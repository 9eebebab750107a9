import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { ApiError, messageOf } from "@/lib/errors";

/** Shows the server's refusal at the fields it names, or else above the buttons. */
export function showFormError<Values extends FieldValues>(form: UseFormReturn<Values>, error: unknown): void {
  const problems = error instanceof ApiError ? Object.entries(error.fields) : [];
  const known = problems.filter(([field]) => field in form.getValues());
  for (const [field, message] of known) form.setError(field as Path<Values>, { message });
  if (known.length === 0) form.setError("root", { message: messageOf(error) });
}
