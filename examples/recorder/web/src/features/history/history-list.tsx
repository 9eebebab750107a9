import { useMemo, useState } from "react";
import type { HearingPublic } from "@/client";
import { HistoryRow } from "@/features/history/history-row";
import { NameTrack } from "@/features/library/track-editor";
import { dateGroup, parseTime } from "@/lib/date-words";
import { useNow } from "@/lib/use-now";

/** What was heard, filed by day. */
export function HistoryList({ hearings }: { hearings: HearingPublic[] }) {
  const now = useNow();
  const groups = useMemo(() => groupByDate(hearings, now), [hearings, now]);
  const [naming, setNaming] = useState<HearingPublic | null>(null);

  return (
    <>
      {groups.map((group) => (
        <section key={group.name} aria-label={group.name}>
          <h3 className="sticky top-0 z-10 border-b bg-background px-3 pt-4 pb-2 text-xs font-medium text-muted-foreground">
            {group.name}
          </h3>
          <ul>
            {group.hearings.map((hearing) => (
              <HistoryRow key={hearing.id} hearing={hearing} now={now} onName={setNaming} />
            ))}
          </ul>
        </section>
      ))}
      {naming?.track_id ? (
        <NameTrack
          track={{ id: naming.track_id, title: naming.title ?? "", artist: naming.artist ?? "" }}
          onClose={() => setNaming(null)}
        />
      ) : null}
    </>
  );
}

type Group = { name: string; hearings: HearingPublic[] };

function groupByDate(hearings: HearingPublic[], now: Date): Group[] {
  const groups: Group[] = [];
  for (const hearing of hearings) {
    const name = dateGroup(parseTime(hearing.started_at), now);
    const last = groups.at(-1);
    if (last?.name === name) last.hearings.push(hearing);
    else groups.push({ name, hearings: [hearing] });
  }
  return groups;
}
