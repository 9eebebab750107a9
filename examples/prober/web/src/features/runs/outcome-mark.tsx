import { Check, CircleDashed, TriangleAlert, X } from "lucide-react";
import type { ResultPublic } from "@/client";
import { cn } from "@/lib/class-names";

const marks = {
  passed: { icon: Check, className: "bg-success/15 text-success" },
  failed: { icon: X, className: "bg-destructive/15 text-destructive" },
  error: { icon: TriangleAlert, className: "bg-warning/15 text-warning" },
  open: { icon: CircleDashed, className: "text-muted-foreground/70" },
} as const;

/** What came of a case, as a sign; the words are for who shows it to say. */
export function OutcomeMark({ outcome }: { outcome: ResultPublic["outcome"] | null | undefined }) {
  const { icon: Icon, className } = marks[outcome ?? "open"];
  return (
    <span aria-hidden className={cn("grid size-5 shrink-0 place-content-center rounded-full", className)}>
      <Icon className="size-3.5" strokeWidth={outcome ? 2.75 : 1.75} />
    </span>
  );
}
