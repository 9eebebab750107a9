import { cn } from "@/lib/class-names";

type OutcomeBarProps = {
  all: number;
  passed: number;
  failed: number;
  errors: number;
  label: string;
  className?: string;
};

/** What came of all cases, as a bar: green, red, amber, and grey for those that are open. */
export function OutcomeBar({ all, passed, failed, errors, label, className }: OutcomeBarProps) {
  const open = all - passed - failed - errors;
  const said = `${passed} passed, ${failed} failed, ${errors} without an answer, ${open} open`;
  return (
    <div
      role="img"
      aria-label={`${label}: ${said}`}
      title={said}
      className={cn("flex h-1.5 w-full gap-px overflow-hidden rounded-full bg-secondary", className)}
    >
      <Part count={passed} className="bg-success" />
      <Part count={failed} className="bg-destructive" />
      <Part count={errors} className="bg-warning" />
      <Part count={open} className="bg-transparent" />
    </div>
  );
}

function Part({ count, className }: { count: number; className: string }) {
  if (count === 0) return null;
  return (
    <span className={cn("transition-[flex-grow] duration-300", className)} style={{ flexGrow: count }} />
  );
}
