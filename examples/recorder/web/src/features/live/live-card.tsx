import { Card } from "@/components/ui/card";
import { LevelMeter } from "@/features/live/level-meter";
import { liveState } from "@/features/live/live";
import { Spectrum } from "@/features/live/spectrum";
import { statusWords } from "@/features/live/status-words";
import { cn } from "@/lib/class-names";
import { connection } from "@/lib/connection";
import { lengthWords } from "@/lib/length-words";
import { useObservable } from "@/lib/observable";

const tones = {
  hearing: "bg-primary animate-pulse",
  waiting: "bg-muted-foreground/50",
  trouble: "bg-warning",
} as const;

/** What is heard at this moment: in words, and as it sounds. */
export function LiveCard() {
  const state = useObservable(liveState);
  const away = useObservable(connection) === "away";
  const { title, note, tone } = statusWords(state, away);
  const hearing = away ? null : state?.recorder?.hearing;

  return (
    <Card aria-label="Live" className="flex flex-1 flex-col overflow-hidden">
      <div className="flex items-start gap-3 px-5 pt-5">
        <span aria-hidden className={cn("mt-2 size-2.5 shrink-0 rounded-full", tones[tone])} />
        <div
          className="min-w-0 flex-1"
          aria-live="polite"
          data-testid="live-status"
          data-tone={tone}
          data-title={title}
        >
          <p className="truncate text-lg font-semibold tracking-[-0.01em]">{title}</p>
          <p className="truncate text-[0.8125rem] text-muted-foreground">{note}</p>
        </div>
        {hearing ? (
          <span className="mt-1 text-[0.8125rem] text-muted-foreground tabular-nums" aria-hidden>
            {lengthWords(hearing.seconds)}
          </span>
        ) : null}
      </div>
      <Spectrum />
      <LevelMeter />
    </Card>
  );
}
