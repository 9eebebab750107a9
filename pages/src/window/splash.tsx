/** What the window shows while the app starts, opens or closes. */

import { useState } from "preact/hooks";
import { humanise, listed } from "../names";
import type { AppStatus } from "../protocol";
import { AppIcon } from "./app-icon";
import { ProgressBar } from "./bar";
import { JobList } from "./job-list";
import { currentJob, progress, unfinished } from "./progress";
import { useAfter } from "./use-after";
import type { Received } from "./use-status";
import { describe } from "./words";

/** After this time the list of jobs opens by itself. */
export const SHOW_JOBS_AFTER_MS = 3_000;
/** After this time the splash says that it takes longer than usual. */
export const SLOW_AFTER_MS = 10_000;

export function Splash({ received }: { received: Received | null }) {
  if (received === null) return <main class="splash" aria-busy="true" />;
  return <KnownSplash status={received.status} began={received.began} />;
}

function KnownSplash({ status, began }: Received) {
  const long = useAfter(began, SHOW_JOBS_AFTER_MS);
  const slow = useAfter(began, SLOW_AFTER_MS);
  const [choice, setChoice] = useState<boolean | null>(null);
  const open = choice ?? long;
  const hasJobs = status.jobs.length > 0 && status.phase !== "ready";

  return (
    <main class="splash" aria-busy="true">
      <AppIcon app={status.app} />
      <h1>{status.app.name}</h1>
      <ProgressBar value={progress(status)} label={headline(status)} />
      <p class="headline" role="status" aria-live="polite">
        {headline(status)}
        {slow && status.phase !== "ready" && <span class="slow">{slowWord(status)}</span>}
      </p>
      {hasJobs && (
        <section class="jobs">
          <button
            type="button"
            class="quiet disclosure"
            aria-expanded={open}
            aria-controls="jobs"
            onClick={() => setChoice(!open)}
          >
            Details
          </button>
          <div id="jobs" hidden={!open}>
            <JobList jobs={status.jobs} />
          </div>
        </section>
      )}
    </main>
  );
}

/** Returns the line under the progress bar. */
export function headline(status: AppStatus): string {
  if (status.phase === "ready") return "Ready";
  if (status.phase === "stopping") return closingLine(status);
  const job = currentJob(status);
  return job ? describe(job) : `Starting ${status.app.name}`;
}

function closingLine({ app, jobs }: AppStatus): string {
  const names = unfinished(jobs).map((job) => humanise(job.name));
  const closing = `Closing ${app.name}…`;
  return names.length === 0 ? closing : `${closing} Waiting for ${listed(names)}`;
}

function slowWord(status: AppStatus): string {
  return status.phase === "stopping"
    ? "Some parts of the app need more time to finish."
    : "This is taking longer than usual.";
}
