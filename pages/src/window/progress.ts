/** The progress of a start or stop, computed from the jobs alone. */

import type { AppStatus, JobStatus } from "../protocol";

const CLOSED: ReadonlySet<JobStatus["state"]> = new Set(["stopped", "failed", "waiting"]);

/** Returns the progress from 0 to 1, or null while it is unknown. */
export function progress(status: AppStatus): number | null {
  if (status.phase === "ready") return 1;
  const stopping = status.phase === "stopping";
  const counted = stopping ? status.jobs : counting(status.jobs);
  const done = counted
    .map((job) => ((stopping ? isClosed(job) : isSettled(job)) ? 1 : (job.progress ?? 0)))
    .reduce((sum, part) => sum + part, 0);
  return done === 0 ? null : done / counted.length;
}

/** Returns the job to name in one line: the one that has been busy longest. */
export function currentJob(status: AppStatus): JobStatus | null {
  const states: JobStatus["state"][] =
    status.phase === "stopping" ? ["stopping"] : ["starting", "restarting"];
  const busy = status.jobs.filter((job) => states.includes(job.state));
  const needed = busy.filter((job) => !job.optional);
  return [...(needed.length > 0 ? needed : busy)].sort(byElapsed)[0] ?? null;
}

/** Returns the services that a stop still waits for. */
export function unfinished(jobs: JobStatus[]): JobStatus[] {
  return jobs.filter((job) => job.kind === "service" && !isClosed(job));
}

/** The app does not wait for optional jobs, so they count only when there are no others. */
function counting(jobs: JobStatus[]): JobStatus[] {
  const needed = jobs.filter((job) => !job.optional);
  return needed.length > 0 ? needed : jobs;
}

function isSettled(job: JobStatus): boolean {
  return job.state === "ready" || (job.optional && job.state === "failed");
}

function isClosed(job: JobStatus): boolean {
  return CLOSED.has(job.state) || (job.kind === "task" && job.state === "ready");
}

function byElapsed(a: JobStatus, b: JobStatus): number {
  return b.elapsed_ms - a.elapsed_ms;
}
