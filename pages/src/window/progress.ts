/** How far the start or the stop has come, worked out from the steps alone. */

import type { Status, Step } from "../status";

const CLOSED: ReadonlySet<Step["state"]> = new Set(["stopped", "failed", "waiting"]);

/** From 0 to 1, or null while nothing can be said. */
export function progress(status: Status): number | null {
  if (status.phase === "ready") return 1;
  const stopping = status.phase === "stopping";
  const counted = stopping ? status.steps : counting(status.steps);
  const done = counted
    .map((step) => ((stopping ? isClosed(step) : isSettled(step)) ? 1 : (step.progress ?? 0)))
    .reduce((sum, part) => sum + part, 0);
  return done === 0 ? null : done / counted.length;
}

/** The step to name in one line: the one that has been at work longest. */
export function currentStep(status: Status): Step | null {
  const states: Step["state"][] =
    status.phase === "stopping" ? ["stopping"] : ["starting", "restarting"];
  const busy = status.steps.filter((step) => states.includes(step.state));
  const needed = busy.filter((step) => !step.optional);
  return [...(needed.length > 0 ? needed : busy)].sort(byElapsed)[0] ?? null;
}

/** The parts that a stop still waits for. */
export function unfinished(steps: Step[]): Step[] {
  return steps.filter((step) => step.kind === "service" && !isClosed(step));
}

/** Optional steps do not hold the app back, so they count only when there is nothing else. */
function counting(steps: Step[]): Step[] {
  const needed = steps.filter((step) => !step.optional);
  return needed.length > 0 ? needed : steps;
}

function isSettled(step: Step): boolean {
  return step.state === "ready" || (step.optional && step.state === "failed");
}

function isClosed(step: Step): boolean {
  return CLOSED.has(step.state) || (step.kind === "task" && step.state === "ready");
}

function byElapsed(a: Step, b: Step): number {
  return b.elapsed_ms - a.elapsed_ms;
}
