import type { ComponentProps } from "react";
import { cn } from "@/lib/class-names";

const field =
  "w-full min-w-0 rounded-md border border-input bg-card px-3 text-foreground shadow-soft transition-[border-color,box-shadow] placeholder:text-muted-foreground/80 focus-visible:border-ring focus-visible:ring-3 focus-visible:ring-ring/25 focus-visible:outline-none disabled:opacity-60 aria-invalid:border-destructive aria-invalid:focus-visible:ring-destructive/20";

export function Input({ className, type = "text", ...props }: ComponentProps<"input">) {
  return <input type={type} className={cn(field, "h-9", className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea className={cn(field, "field-sizing-content max-h-80 min-h-24 py-2", className)} {...props} />
  );
}
