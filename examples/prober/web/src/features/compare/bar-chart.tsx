import { Card } from "@/components/ui/card";

type Bar = { id: number; name: string; value: number | null };

type BarChartProps = {
  title: string;
  note: string;
  bars: Bar[];
  words: (value: number | null) => string;
  /** What fills the whole width; the longest bar, if it is not said. */
  most?: number;
  testId: string;
};

/** Bars that are a list as well, so that they can be heard as they are seen. */
export function BarChart({ title, note, bars, words, most, testId }: BarChartProps) {
  const longest = most ?? Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  return (
    <Card className="flex flex-col gap-4 p-5" data-testid={testId}>
      <header>
        <h2 className="font-semibold">{title}</h2>
        <p className="text-xs text-muted-foreground">{note}</p>
      </header>
      <ul className="flex flex-col gap-3" aria-label={title}>
        {bars.map(({ id, name, value }) => (
          <li key={id} className="flex flex-col gap-1.5">
            <p className="flex items-baseline justify-between gap-3 text-[0.8125rem]">
              <span className="truncate">{name}</span>
              <span className="font-medium tabular-nums">{words(value)}</span>
            </p>
            <span aria-hidden className="block h-2.5 overflow-hidden rounded-full bg-secondary">
              <span
                className="block h-full rounded-full bg-primary transition-[width] duration-300"
                style={{ width: `${(100 * (value ?? 0)) / longest}%` }}
              />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
