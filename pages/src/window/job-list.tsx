/** The list of all tasks and services with their states. */

import type { JobStatus } from "../protocol";
import { ProgressBar } from "./bar";
import { stateWord, title } from "./words";

export function JobList({ jobs }: { jobs: JobStatus[] }) {
  return (
    <ul class="job-list">
      {jobs.map((job) => (
        <li key={`${job.kind}:${job.name}`} class={look(job)}>
          <span class="mark" aria-hidden="true" />
          <span class="name">
            {title(job)}
            <Work job={job} />
          </span>
          <span class="state">{percent(job) ?? stateWord(job)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The progress that a task reports. */
function Work({ job }: { job: JobStatus }) {
  const { progress, message } = job;
  if (look(job) !== "busy" || (progress === null && message === null)) return null;
  return (
    <>
      {message !== null && <small>{message}</small>}
      {progress !== null && <ProgressBar value={progress} label={title(job)} />}
    </>
  );
}

function look(job: JobStatus): "idle" | "busy" | "done" | "bad" | "missing" {
  switch (job.state) {
    case "waiting":
      return "idle";
    case "starting":
    case "restarting":
    case "stopping":
      return "busy";
    case "ready":
    case "stopped":
      return "done";
    case "failed":
      return job.optional ? "missing" : "bad";
  }
}

function percent(job: JobStatus): string | null {
  if (look(job) !== "busy" || job.progress === null) return null;
  return `${Math.floor(job.progress * 100)}%`;
}
