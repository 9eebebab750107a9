const minute = 60_000;
const hour = 60 * minute;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const monthAndYear = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });

/** Reads the server's time; one that names no zone is in UTC. */
export function parseTime(text: string): Date {
  return new Date(/(?:z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}

/** Says when something was, the way one would in passing. */
export function dateWords(then: Date, now: Date): string {
  const passed = now.getTime() - then.getTime();
  if (Number.isNaN(passed)) return "";
  if (passed < minute) return "just now";
  if (passed < hour) return count(Math.floor(passed / minute), "minute");
  const days = daysBetween(then, now);
  if (days === 0) return count(Math.floor(passed / hour), "hour");
  if (days === 1) return `yesterday, ${clock.format(then)}`;
  if (days < 7) return `${weekday.format(then)}, ${clock.format(then)}`;
  return then.getFullYear() === now.getFullYear() ? day.format(then) : dayAndYear.format(then);
}

/** Names the stretch of time under which a list files something. */
export function dateGroup(then: Date, now: Date): string {
  const days = daysBetween(then, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Last seven days";
  if (days < 30) return "In the last month";
  return monthAndYear.format(then);
}

export function exactTime(then: Date): string {
  return Number.isNaN(then.getTime()) ? "" : exact.format(then);
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? "" : "s"} ago`;
}

/** Counts midnights, not spans of 24 hours. */
function daysBetween(then: Date, now: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(now) - midnight(then)) / (24 * hour));
}
