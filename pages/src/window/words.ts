/** What the splash says about each step. */

import { capitalise, humanise, spell, splitWords } from "../names";
import type { Step } from "../status";

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

/** "Preparing data", "Starting API", "Closing API": what the step does now. */
export function describe(step: Step): string {
  if (step.state === "stopping") return `Closing ${humanise(step.name)}`;
  if (step.kind === "task") return taskTitle(step.name);
  return step.state === "restarting"
    ? `Starting ${humanise(step.name)} again`
    : `Starting ${humanise(step.name)}`;
}

/** The step's name in the list: "Preparing data" for a task, "API" for a service. */
export function title(step: Step): string {
  return step.kind === "task" ? taskTitle(step.name) : capitalise(humanise(step.name));
}

/** The step's state in the list, in a word or two. */
export function stateWord(step: Step): string {
  switch (step.state) {
    case "waiting":
      return "Waiting";
    case "starting":
      return step.kind === "task" ? "Working" : "Starting";
    case "ready":
      return step.kind === "task" ? "Done" : "Ready";
    case "restarting":
      return "Trying again";
    case "failed":
      return step.optional ? "Left out" : "Did not start";
    case "stopping":
      return "Closing";
    case "stopped":
      return step.kind === "task" ? "Done" : "Closed";
  }
}

function taskTitle(name: string): string {
  const [verb = "", ...rest] = splitWords(name);
  if (!Object.hasOwn(TASK_VERBS, verb)) return `Preparing ${humanise(name)}`;
  const action = TASK_VERBS[verb] as string;
  if (rest.length > 0) return `${action} ${rest.map(spell).join(" ")}`;
  return action === "Preparing" ? "Preparing data" : action;
}
