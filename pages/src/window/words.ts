/** The words for each job on the splash. */

import { capitalise, humanise, spell, splitWords } from "../names";
import type { JobStatus } from "../protocol";

/** Verbs that tasks are named after, as they read while the task runs. */
const TASK_VERBS: Record<string, string> = {
  build: "Building",
  check: "Checking",
  copy: "Copying",
  create: "Creating",
  download: "Downloading",
  fetch: "Fetching",
  import: "Importing",
  index: "Indexing",
  init: "Preparing",
  install: "Installing",
  load: "Loading",
  migrate: "Preparing",
  prepare: "Preparing",
  seed: "Preparing",
  setup: "Preparing",
  unpack: "Unpacking",
  update: "Updating",
  upgrade: "Updating",
};

/** Returns what the job does now: "Preparing data", "Starting API", "Closing API". */
export function describe(job: JobStatus): string {
  if (job.state === "stopping") return `Closing ${humanise(job.name)}`;
  if (job.kind === "task") return taskTitle(job.name);
  return job.state === "restarting"
    ? `Restarting ${humanise(job.name)}`
    : `Starting ${humanise(job.name)}`;
}

/** Returns the job's name in the list: "Preparing data" for a task, "API" for a service. */
export function title(job: JobStatus): string {
  return job.kind === "task" ? taskTitle(job.name) : capitalise(humanise(job.name));
}

/** Returns the job's state in the list, in a word or two. */
export function stateWord(job: JobStatus): string {
  switch (job.state) {
    case "waiting":
      return "Waiting";
    case "starting":
      return job.kind === "task" ? "Working" : "Starting";
    case "ready":
      return job.kind === "task" ? "Done" : "Ready";
    case "restarting":
      return "Restarting";
    case "failed":
      return job.optional ? "Not available" : "Failed";
    case "stopping":
      return "Closing";
    case "stopped":
      return job.kind === "task" ? "Done" : "Closed";
  }
}

function taskTitle(name: string): string {
  const [verb = "", ...rest] = splitWords(name);
  if (!Object.hasOwn(TASK_VERBS, verb)) return `Preparing ${humanise(name)}`;
  const action = TASK_VERBS[verb] as string;
  if (rest.length > 0) return `${action} ${rest.map(spell).join(" ")}`;
  return action === "Preparing" ? "Preparing data" : action;
}
