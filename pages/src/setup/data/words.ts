/** Dates and sizes, as people read them. */

/** "21 Nov 2026, 14:05", in the order of the reader's country. */
export function dayWord(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(
    date,
  );
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** "1.2 MB" */
export function bytesWord(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.5 ? 0 : 1;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}
