/** All steps with their states, for those who want to know. */

import type { Step } from "../status";
import { stateWord, title } from "./words";

export function StepList({ steps }: { steps: Step[] }) {
  return (
    <ul class="step-list">
      {steps.map((step) => (
        <li key={`${step.kind}:${step.name}`} class={look(step)}>
          <span class="mark" aria-hidden="true" />
          <span class="name">{title(step)}</span>
          <span class="state">{stateWord(step)}</span>
        </li>
      ))}
    </ul>
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
