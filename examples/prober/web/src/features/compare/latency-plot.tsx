import type { ColumnPublic } from "@/client";
import { ticks } from "@/features/compare/ticks";
import { secondsWords } from "@/lib/number-words";

type LatencyPlotProps = { columns: ColumnPublic[]; names: string[] };

/** How long each answer took: a dot for each, and lines at the median and at p95. */
export function LatencyPlot({ columns, names }: LatencyPlotProps) {
  const longest = Math.max(0.001, ...columns.flatMap(({ latencies }) => latencies));
  const marks = ticks(longest);
  const end = marks.at(-1) ?? longest;
  const place = (seconds: number) => `${(100 * seconds) / end}%`;

  return (
    <section aria-labelledby="latency" className="flex flex-col gap-4">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-1">
        <div>
          <h2 id="latency" className="font-semibold">
            Latency
          </h2>
          <p className="text-xs text-muted-foreground">A dot for each answer; shorter is better</p>
        </div>
        <p className="flex gap-4 text-xs text-muted-foreground" aria-hidden>
          <span className="flex items-center gap-1.5">
            <span className="h-3.5 w-0.5 bg-foreground" /> Median
          </span>
          <span className="flex items-center gap-1.5">
            <span className="h-3.5 w-0.5 bg-warning" /> p95
          </span>
        </p>
      </header>
      <ul className="flex flex-col gap-2.5">
        {columns.map((column, index) => (
          <li key={column.target_id} className="flex flex-col gap-1 sm:flex-row sm:items-center sm:gap-4">
            <span className="truncate text-[0.8125rem] sm:w-44 sm:shrink-0">{names[index]}</span>
            <div
              role="img"
              aria-label={`Median ${secondsWords(column.latency_median)}, p95 ${secondsWords(column.latency_p95)}`}
              className="relative mx-1.5 h-7 flex-1 rounded-sm border-x bg-muted/60"
            >
              {column.latencies.map((seconds, dot) => (
                <span
                  // biome-ignore lint/suspicious/noArrayIndexKey: dots have nothing else that tells them apart.
                  key={dot}
                  className="absolute top-1/2 size-2 -translate-1/2 rounded-full bg-primary/55"
                  style={{ left: place(seconds) }}
                />
              ))}
              <Line seconds={column.latency_median} place={place} className="bg-foreground" />
              <Line seconds={column.latency_p95} place={place} className="bg-warning" />
            </div>
          </li>
        ))}
        <li aria-hidden className="relative mx-1.5 h-4 text-xs text-muted-foreground sm:ml-[12.375rem]">
          {marks.map((mark, index) => (
            <span
              key={mark}
              className="absolute tabular-nums"
              style={
                index === marks.length - 1
                  ? { right: 0 }
                  : { left: place(mark), transform: index === 0 ? undefined : "translateX(-50%)" }
              }
            >
              {mark === 0 ? "0" : secondsWords(mark)}
            </span>
          ))}
        </li>
      </ul>
    </section>
  );
}

type LineProps = { seconds: number | null; place: (seconds: number) => string; className: string };

function Line({ seconds, place, className }: LineProps) {
  if (seconds === null) return null;
  return (
    <span
      className={`absolute inset-y-0.5 w-0.5 -translate-x-1/2 rounded-full ${className}`}
      style={{ left: place(seconds) }}
    />
  );
}
