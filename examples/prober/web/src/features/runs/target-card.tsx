import { Hourglass } from "lucide-react";
import type { ResultPublic, RunPublic, TargetPublic } from "@/client";
import { SettingsLink, whereKeysAre } from "@/features/providers/key-notice";
import { OutcomeBar } from "@/features/runs/outcome-bar";
import { doneOf, passRate } from "@/features/runs/run-words";
import { parseTime } from "@/lib/date-words";
import { median } from "@/lib/median";
import { percentWords, secondsWords, tokenWords } from "@/lib/number-words";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

type TargetCardProps = { run: RunPublic; target: TargetPublic; results: ResultPublic[] | undefined };

/** How one model does in a run, and why it waits if it does. */
export function TargetCard({ run, target, results = [] }: TargetCardProps) {
  const seconds = results.flatMap((each) => each.seconds ?? []);
  const tokens = results.reduce((sum, each) => sum + (each.input_tokens ?? 0) + (each.output_tokens ?? 0), 0);
  return (
    <li
      data-testid="target"
      data-model={target.model}
      data-done={doneOf(target)}
      className="flex flex-col gap-3 rounded-xl border bg-card p-4 shadow-soft dark:shadow-none"
    >
      <div className="flex items-baseline justify-between gap-3">
        <h2 className="truncate font-semibold" title={target.model}>
          {target.model}
        </h2>
        <span className="text-xl font-semibold tabular-nums" data-testid="target-rate">
          {percentWords(passRate(target))}
        </span>
      </div>
      <OutcomeBar {...target} all={run.cases} label={`Results of ${target.model}`} className="h-2" />
      <dl className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted-foreground">
        <Fact name="Cases" value={`${doneOf(target)} of ${run.cases}`} />
        <Fact name="Median" value={secondsWords(median(seconds))} />
        <Fact name="Tokens" value={tokenWords(seconds.length > 0 ? tokens : null)} />
      </dl>
      {target.hold ? (
        <p
          role="status"
          data-testid="hold"
          data-kind={target.hold.kind}
          className="flex gap-2 rounded-md bg-warning/10 px-3 py-2 text-[0.8125rem]"
        >
          <Hourglass className="mt-0.5 size-3.5 shrink-0 text-warning" aria-hidden />
          <span>
            {target.hold.message}.{target.hold.kind === "key" ? ` ${whereKeysAre}` : null}
            {target.hold.until ? ` Tried again at ${clock.format(parseTime(target.hold.until))}.` : null}{" "}
            {target.hold.kind === "key" ? <SettingsLink /> : null}
          </span>
        </p>
      ) : null}
    </li>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5">
      <dt>{name}</dt>
      <dd className="text-foreground tabular-nums">{value}</dd>
    </div>
  );
}
