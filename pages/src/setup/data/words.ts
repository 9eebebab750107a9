/** Backups, dates and sizes, as people read them. */

import type { Backup, BackupReason } from "../../protocol";

const REASONS: Record<BackupReason, string> = {
  "before-update": "Before an update",
  scheduled: "On schedule",
  manual: "Made by you",
};

/** Returns "Before an update, version 1.2.0, 41 MB"; the version may be unknown. */
export function backupWord({ reason, version, bytes }: Backup): string {
  return [REASONS[reason], version && `version ${version}`, bytesWord(bytes)]
    .filter(Boolean)
    .join(", ");
}

/** Returns "21 Nov 2026, 14:05", as the user's locale has it. */
export function dayWord(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(
    date,
  );
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** Returns "1.2 MB". */
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
