/** Gives round numbers from 0 to at least the longest, a handful of them. */
export function ticks(longest: number, wanted = 4): number[] {
  const rough = longest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((each) => each * power >= rough) ?? 10) * power;
  const count = Math.ceil(longest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}
