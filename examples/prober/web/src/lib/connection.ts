import { onlineManager } from "@tanstack/react-query";
import { Observable } from "@/lib/observable";

/**
 * Whether the server behind this page answers.
 *
 * While it is away, queries and changes wait (see `onlineManager`) and a probe asks for it again and again;
 * when it is back they go on where they stopped. The browser's own idea of being online is left aside: the
 * server is on this machine and needs no network.
 */
export const connection = new Observable<"here" | "away">("here");

const firstProbe = 400;
const slowestProbe = 4000;

onlineManager.setEventListener((setOnline) =>
  connection.subscribe(() => setOnline(connection.get() === "here")),
);

let timer: ReturnType<typeof setTimeout> | undefined;

export function reportAway(): void {
  connection.set("away");
  if (timer === undefined) schedule(firstProbe);
}

export function reportHere(): void {
  clearTimeout(timer);
  timer = undefined;
  connection.set("here");
}

function schedule(delay: number): void {
  timer = setTimeout(() => void probe(delay), delay);
}

async function probe(delay: number): Promise<void> {
  try {
    const response = await fetch("/api/v1/utils/health-check/", { cache: "no-store" });
    if (response.ok) return reportHere();
  } catch {
    // Still away.
  }
  schedule(Math.min(delay * 1.6, slowestProbe));
}
