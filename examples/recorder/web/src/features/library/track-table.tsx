import { Pencil, Trash2 } from "lucide-react";
import type { TrackPublic } from "@/client";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { dateWords, exactTime, parseTime } from "@/lib/date-words";
import { lengthWords } from "@/lib/length-words";
import { useNow } from "@/lib/use-now";

type TrackTableProps = {
  title: string;
  tracks: TrackPublic[];
  onName: (track: TrackPublic) => void;
  onForget: (track: TrackPublic) => void;
};

export function TrackTable({ title, tracks, onName, onForget }: TrackTableProps) {
  const now = useNow();
  return (
    <section className="flex flex-col gap-2.5">
      <h2 className="px-1 text-[0.8125rem] font-medium text-muted-foreground">{title}</h2>
      <Card className="overflow-hidden">
        <table className="w-full table-fixed text-left" aria-label={title}>
          <thead className="border-b bg-muted/60 text-xs text-muted-foreground">
            <tr>
              <th scope="col" className="px-4 py-2.5 font-medium">
                Title
              </th>
              <th scope="col" className="hidden w-24 px-4 py-2.5 text-right font-medium sm:table-cell">
                Length
              </th>
              <th scope="col" className="hidden w-48 px-4 py-2.5 font-medium md:table-cell">
                Heard
              </th>
              <th scope="col" className="w-24 px-4 py-2.5">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody className="divide-y">
            {tracks.map((track) => (
              <tr
                key={track.id}
                data-testid="track-row"
                data-title={track.title}
                data-heard={track.times_heard}
                className="hover:bg-muted/60"
              >
                <td className="px-4 py-3 leading-snug">
                  <p className="truncate font-medium">{track.title}</p>
                  {track.artist ? (
                    <p className="truncate text-[0.8125rem] text-muted-foreground">{track.artist}</p>
                  ) : null}
                </td>
                <td className="hidden px-4 py-3 text-right text-[0.8125rem] text-muted-foreground tabular-nums sm:table-cell">
                  {lengthWords(track.seconds)}
                </td>
                <td className="hidden truncate px-4 py-3 text-[0.8125rem] text-muted-foreground md:table-cell">
                  <Heard track={track} now={now} />
                </td>
                <td className="px-2 py-3">
                  <div className="flex justify-end text-muted-foreground">
                    <Button
                      variant="ghost"
                      size="icon-sm"
                      aria-label={`Name “${track.title}”`}
                      title="Name"
                      data-testid="track-name"
                      onClick={() => onName(track)}
                    >
                      <Pencil />
                    </Button>
                    <Button
                      variant="ghost"
                      size="icon-sm"
                      className="hover:text-destructive"
                      aria-label={`Forget “${track.title}”`}
                      title="Forget"
                      data-testid="track-forget"
                      onClick={() => onForget(track)}
                    >
                      <Trash2 />
                    </Button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
    </section>
  );
}

function Heard({ track, now }: { track: TrackPublic; now: Date }) {
  if (!track.last_heard_at) return "Not yet";
  const last = parseTime(track.last_heard_at);
  return (
    <>
      {track.times_heard === 1 ? "Once" : `${track.times_heard} times`},{" "}
      <time dateTime={track.last_heard_at} title={exactTime(last)}>
        {dateWords(last, now)}
      </time>
    </>
  );
}
