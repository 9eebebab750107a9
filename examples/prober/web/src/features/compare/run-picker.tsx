import { ChevronDown } from "lucide-react";
import type { RunPublic } from "@/client";
import { Card } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { Label } from "@/components/ui/label";
import { dateWords, parseTime } from "@/lib/date-words";
import { useNow } from "@/lib/use-now";

const most = 6;

type RunPickerProps = { runs: RunPublic[]; chosen: number[]; onChoose: (runs: number[]) => void };

/** Chooses the runs; folded away once some are chosen. */
export function RunPicker({ runs, chosen, onChoose }: RunPickerProps) {
  const now = useNow();
  const words = chosen.length === 0 ? "Choose runs" : `Runs ${chosen.map((id) => `#${id}`).join(", ")}`;
  return (
    <Card>
      <details className="group" open={chosen.length === 0 || undefined}>
        <summary className="flex cursor-default list-none items-center justify-between gap-3 rounded-xl px-5 py-3.5 font-medium">
          {words}
          <ChevronDown
            className="size-4 text-muted-foreground transition-transform group-open:rotate-180"
            aria-hidden
          />
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
        <ul className="max-h-64 divide-y overflow-y-auto border-t" aria-label="Runs to compare" tabIndex={0}>
          {runs.map((run) => (
            <li key={run.id} className="flex items-center gap-3 px-5 py-2.5">
              <Checkbox
                id={`compare-${run.id}`}
                checked={chosen.includes(run.id)}
                disabled={chosen.length >= most && !chosen.includes(run.id)}
                data-testid="compare-run"
                data-id={run.id}
                onCheckedChange={(checked) =>
                  onChoose(checked === true ? [...chosen, run.id] : chosen.filter((id) => id !== run.id))
                }
              />
              <Label htmlFor={`compare-${run.id}`} className="flex min-w-0 flex-1 gap-2 font-normal">
                <span className="shrink-0 text-muted-foreground tabular-nums">#{run.id}</span>
                <span className="truncate font-medium">{run.suite_name}</span>
                <span className="hidden truncate text-muted-foreground sm:inline">
                  {run.targets.map(({ model }) => model).join(", ")}
                </span>
              </Label>
              <time
                dateTime={run.created_at}
                className="hidden shrink-0 text-xs text-muted-foreground md:block"
              >
                {dateWords(parseTime(run.created_at), now)}
              </time>
            </li>
          ))}
        </ul>
      </details>
    </Card>
  );
}
