import { CircleCheck, CirclePause, CircleX, Hourglass, LoaderCircle } from "lucide-react";
import type { RunPublic } from "@/client";
import { type RunTone, runWords } from "@/features/runs/run-words";
import { cn } from "@/lib/class-names";

const looks: Readonly<Record<RunTone, { icon: typeof CircleX; className: string }>> = {
  running: { icon: LoaderCircle, className: "text-primary [&_svg]:animate-spin" },
  waiting: { icon: Hourglass, className: "text-warning" },
  stopped: { icon: CirclePause, className: "text-muted-foreground" },
  good: { icon: CircleCheck, className: "text-success" },
  mixed: { icon: CircleX, className: "text-destructive" },
};

/** How a run is, in a few words. */
export function RunBadge({ run }: { run: RunPublic }) {
  const { text, tone } = runWords(run);
  const { icon: Icon, className } = looks[tone];
  return (
    <span
      data-testid="run-badge"
      data-tone={tone}
      className={cn("flex max-w-full items-center gap-1.5 text-[0.8125rem] font-medium", className)}
    >
      <Icon className="size-3.5 shrink-0" aria-hidden />
      <span className="truncate">{text}</span>
    </span>
  );
}
