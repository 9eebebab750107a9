import { Link } from "@tanstack/react-router";
import type { RunPublic } from "@/client";
import { Checkbox } from "@/components/ui/checkbox";
import { OutcomeBar } from "@/features/runs/outcome-bar";
import { RunBadge } from "@/features/runs/run-badge";
import { totals } from "@/features/runs/run-words";
import { dateWords, exactTime, parseTime } from "@/lib/date-words";
import { useNow } from "@/lib/use-now";

type RunRowProps = { run: RunPublic; chosen: boolean; canChoose: boolean; onToggle: () => void };

/** A run in the list: what was asked, of whom, and how far it is. */
export function RunRow({ run, chosen, canChoose, onToggle }: RunRowProps) {
  const now = useNow();
  const created = parseTime(run.created_at);
  const models = run.targets.map(({ model }) => model).join(", ");

  return (
    <li
      data-testid="run-row"
      data-id={run.id}
      data-state={run.state}
      className="relative flex items-center gap-3.5 px-4 py-3.5 transition-colors focus-within:bg-muted/60 hover:bg-muted/60"
    >
      <Checkbox
        className="relative z-10"
        checked={chosen}
        disabled={!canChoose}
        aria-label={`Compare ${run.suite_name}, run ${run.id}`}
        data-testid="run-choose"
        onCheckedChange={onToggle}
      />
      <div className="min-w-0 flex-1 leading-snug">
        <p className="flex items-center gap-2">
          <Link
            to="/runs/$id"
            params={{ id: run.id }}
            className="truncate font-medium after:absolute after:inset-0"
          >
            {run.suite_name}
          </Link>
          <span className="shrink-0 text-xs text-muted-foreground tabular-nums">#{run.id}</span>
        </p>
        <p className="truncate text-[0.8125rem] text-muted-foreground" title={models}>
          {models}
        </p>
      </div>
      <div className="flex w-28 shrink-0 flex-col items-end gap-1.5 sm:w-44">
        <RunBadge run={run} />
        <OutcomeBar {...totals(run)} label={`Results of run ${run.id}`} />
      </div>
      <time
        dateTime={run.created_at}
        title={exactTime(created)}
        className="hidden w-32 shrink-0 text-right text-xs text-muted-foreground tabular-nums md:block"
      >
        {dateWords(created, now)}
      </time>
    </li>
  );
}
