import { AudioLines, CircleHelp, Music, Sparkles, Tag, Trash2 } from "lucide-react";
import type { HearingPublic } from "@/client";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { useDeleteHearing } from "@/features/history/history-queries";
import { cn } from "@/lib/class-names";
import { dateWords, exactTime, parseTime } from "@/lib/date-words";
import { lengthWords } from "@/lib/length-words";

type HistoryRowProps = { hearing: HearingPublic; now: Date; onName: (hearing: HearingPublic) => void };

/** Something that was heard. */
export function HistoryRow({ hearing, now, onName }: HistoryRowProps) {
  const { mutate: remove } = useDeleteHearing();
  const started = parseTime(hearing.started_at);
  const title = hearingTitle(hearing);
  const unnamed = hearing.origin === "heard";

  return (
    <li
      data-testid="history-row"
      data-title={title}
      data-ongoing={hearing.ongoing}
      className="group relative flex items-center gap-3.5 border-b px-3 py-3 transition-colors focus-within:bg-secondary/70 hover:bg-secondary/70"
    >
      <Mark hearing={hearing} />
      <div className="min-w-0 flex-1 leading-snug">
        <p className={cn("truncate font-medium", !hearing.title && "text-muted-foreground")}>{title}</p>
        <p className="truncate text-[0.8125rem] text-muted-foreground">
          {[hearing.artist, `from ${hearing.source}`].filter(Boolean).join(" · ")}
        </p>
      </div>
      {hearing.ongoing ? <Badge>Now</Badge> : null}
      {hearing.first_time && unnamed ? <Badge variant="muted">First time</Badge> : null}
      <span className="w-10 text-right text-xs text-muted-foreground tabular-nums">
        {lengthWords(hearing.seconds)}
      </span>
      <time
        dateTime={hearing.started_at}
        title={exactTime(started)}
        className="hidden w-28 text-right text-xs text-muted-foreground tabular-nums sm:block sm:group-focus-within:invisible sm:group-hover:invisible"
      >
        {dateWords(started, now)}
      </time>
      <div className="flex shrink-0 items-center text-muted-foreground sm:absolute sm:right-2 sm:opacity-0 sm:group-focus-within:opacity-100 sm:group-hover:opacity-100">
        {unnamed ? (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={`Name “${title}”`}
            title="Name"
            data-testid="hearing-name"
            onClick={() => onName(hearing)}
          >
            <Tag />
          </Button>
        ) : null}
        <Button
          variant="ghost"
          size="icon-sm"
          disabled={hearing.ongoing}
          className="hover:text-destructive"
          aria-label={`Delete “${title}” from the history`}
          title="Delete"
          data-testid="hearing-delete"
          onClick={() => remove(hearing.id)}
        >
          <Trash2 />
        </Button>
      </div>
    </li>
  );
}

/** Says what was heard; a short sound, or one whose track was forgotten, has no title. */
export function hearingTitle(hearing: HearingPublic): string {
  if (hearing.title) return hearing.title;
  return hearing.ongoing ? "A sound…" : "A sound";
}

function Mark({ hearing }: { hearing: HearingPublic }) {
  const known = hearing.origin === "library";
  const Icon = hearing.ongoing ? AudioLines : known ? Music : hearing.first_time ? Sparkles : CircleHelp;
  return (
    <span
      aria-hidden
      className={cn(
        "grid size-9 shrink-0 place-content-center rounded-lg",
        known || hearing.ongoing ? "bg-primary/12 text-primary" : "bg-secondary text-muted-foreground",
      )}
    >
      <Icon className="size-4" />
    </span>
  );
}
