import { type ReactNode, useId } from "react";
import { Label } from "@/components/ui/label";

type FieldProps = {
  label: string;
  error?: string | undefined;
  hint?: ReactNode;
  children: (control: {
    id: string;
    "aria-invalid": boolean;
    "aria-describedby": string | undefined;
  }) => ReactNode;
};

/** A label, its control and, below, what is wrong or worth knowing. */
export function Field({ label, error, hint, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      {children({ id, "aria-invalid": Boolean(error), "aria-describedby": note ? `${id}-note` : undefined })}
      {note ? (
        <p
          id={`${id}-note`}
          role={error ? "alert" : undefined}
          className={error ? "text-[0.8125rem] text-destructive" : "text-[0.8125rem] text-muted-foreground"}
        >
          {note}
        </p>
      ) : null}
    </div>
  );
}
