import type { ComponentProps } from "react";
import { cn } from "@/lib/class-names";

export function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return (
    <kbd
      className={cn(
        "inline-grid h-5 min-w-5 place-content-center rounded-[5px] border bg-muted px-1 font-sans text-[0.6875rem] font-medium text-muted-foreground",
        className,
      )}
      {...props}
    />
  );
}
