import type { ProcessPublic } from "@/client";

const titles: Readonly<Record<string, string>> = {
  valkey: "Valkey",
  migrate: "Database upgrade",
  api: "Server",
  recorder: "Recorder",
};

const words: Readonly<Record<ProcessPublic["status"], string>> = {
  running: "Running",
  done: "Done",
  starting: "Starting",
  away: "Away",
};

/** Names a process for people. */
export function processTitle({ name }: ProcessPublic): string {
  return titles[name] ?? name;
}

/** Says how a process is: Ensconce's own word where it knows more. */
export function processWords({ status, state }: ProcessPublic): string {
  if (!state || state === "ready") return words[status];
  return state.charAt(0).toUpperCase() + state.slice(1).replaceAll("-", " ");
}
