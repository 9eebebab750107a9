/** What the window shows while the app starts, opens or closes. */

import { useState } from "preact/hooks";
import { humanise } from "../names";
import type { Status } from "../status";
import { AppIcon } from "./app-icon";
import { ProgressBar } from "./bar";
import { currentStep, progress, unfinished } from "./progress";
import { StepList } from "./step-list";
import { useAfter } from "./use-after";
import type { Received } from "./use-status";
import { describe } from "./words";

/** A start longer than this opens the list of steps by itself. */
export const SHOW_STEPS_AFTER_MS = 3_000;
/** A start longer than this gets a friendly word. */
export const SLOW_AFTER_MS = 10_000;

export function Splash({ received }: { received: Received | null }) {
  if (received === null) return <main class="splash" aria-busy="true" />;
  return <KnownSplash status={received.status} began={received.began} />;
}

function KnownSplash({ status, began }: Received) {
  const long = useAfter(began, SHOW_STEPS_AFTER_MS);
  const slow = useAfter(began, SLOW_AFTER_MS);
  const [choice, setChoice] = useState<boolean | null>(null);
  const open = choice ?? long;
  const hasSteps = status.steps.length > 0 && status.phase !== "ready";

  return (
    <main class="splash" aria-busy="true">
      <AppIcon app={status.app} />
      <h1>{status.app.name}</h1>
      <ProgressBar value={progress(status)} label={headline(status)} />
      <p class="headline" role="status" aria-live="polite">
        {headline(status)}
        {slow && status.phase !== "ready" && <span class="slow">{slowWord(status)}</span>}
      </p>
      {hasSteps && (
        <section class="steps">
          <button
            type="button"
            class="quiet disclosure"
            aria-expanded={open}
            aria-controls="steps"
            onClick={() => setChoice(!open)}
          >
            Details
          </button>
          <div id="steps" hidden={!open}>
            <StepList steps={status.steps} />
          </div>
        </section>
      )}
    </main>
  );
}

/** The one line under the bar. */
export function headline(status: Status): string {
  if (status.phase === "ready") return "Ready";
  if (status.phase === "stopping") return closingLine(status);
  const step = currentStep(status);
  return step ? describe(step) : `Starting ${status.app.name}`;
}

function closingLine({ app, steps }: Status): string {
  const names = unfinished(steps).map((step) => humanise(step.name));
  const closing = `Closing ${app.name}…`;
  return names.length === 0 ? closing : `${closing} Still finishing: ${names.join(", ")}`;
}

function slowWord(status: Status): string {
  return status.phase === "stopping"
    ? "Some parts need a little more time to finish their work."
    : "This is taking longer than usual. You can keep waiting.";
}
