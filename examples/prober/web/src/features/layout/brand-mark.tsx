import { cn } from "@/lib/class-names";

export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={cn("size-7 text-primary", className)} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <path
        d="M9.5 6.5h13M12.5 6.5v7.2L7.2 23a2 2 0 0 0 1.75 3h14.1a2 2 0 0 0 1.75-3l-5.3-9.3V6.5"
        fill="none"
        className="stroke-primary-foreground"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path
        d="m12.4 20.4 2.6 2.5 4.8-5"
        fill="none"
        className="stroke-primary-foreground"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
