/** All steps with their states, for those who want to know. */

import type { Step } from "../status";
import { ProgressBar } from "./bar";
import { stateWord, title } from "./words";

export function StepList({ steps }: { steps: Step[] }) {
  return (
    <ul class="step-list">
      {steps.map((step) => (
        <li key={`${step.kind}:${step.name}`} class={look(step)}>
          <span class="mark" aria-hidden="true" />
          <span class="name">
            {title(step)}
            <Work step={step} />
          </span>
          <span class="state">{percent(step) ?? stateWord(step)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What a task tells of its long work. */
function Work({ step }: { step: Step }) {
  const { progress = null, message = null } = step;
  if (look(step) !== "busy" || (progress === null && message === null)) return null;
  return (
    <>
      {message !== null && <small>{message}</small>}
      {progress !== null && <ProgressBar value={progress} label={title(step)} />}
    </>
  );
}

function look(step: Step): "idle" | "busy" | "done" | "bad" | "missing" {
  switch (step.state) {
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
      return step.optional ? "missing" : "bad";
  }
}

function percent(step: Step): string | null {
  if (look(step) !== "busy" || typeof step.progress !== "number") return null;
  return `${Math.floor(step.progress * 100)} %`;
}
