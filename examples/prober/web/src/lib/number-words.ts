const percent = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 0 });
const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

export const nothing = "–";

/** Says a share of one: 83%. Never 100% or 0% for what is not quite. */
export function percentWords(share: number | null): string {
  if (share === null) return nothing;
  if (share > 0.99 && share < 1) return "99%";
  if (share > 0 && share < 0.01) return "1%";
  return percent.format(share);
}

/** Says how long something took: 320 ms, 1.4 s, 75 s. */
export function secondsWords(seconds: number | null): string {
  if (seconds === null) return nothing;
  if (seconds < 0.9995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  return `${seconds < 9.95 ? seconds.toFixed(1) : whole.format(seconds)} s`;
}

/** Says how many tokens: 950, 1.2k, 3.4M. */
export function tokenWords(tokens: number | null): string {
  if (tokens === null) return nothing;
  if (tokens < 1000) return whole.format(tokens);
  return tokens < 999_950 ? `${(tokens / 1000).toFixed(1)}k` : `${(tokens / 1_000_000).toFixed(1)}M`;
}

/** Says an amount of dollars, with as many places as it takes to be seen. */
export function dollarWords(dollars: number | null): string {
  if (dollars === null) return nothing;
  if (dollars === 0) return "$0";
  if (dollars < 0.0001) return "< $0.0001";
  return `$${dollars.toFixed(dollars < 0.01 ? 4 : dollars < 1 ? 3 : 2)}`;
}

/** Counts things: 1 case, 5 cases. */
export function countWords(count: number, thing: string): string {
  return `${whole.format(count)} ${thing}${count === 1 ? "" : "s"}`;
}
