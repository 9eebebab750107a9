/** What happens after the last answer, until the app is ready. */

import { useEffect } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppIdentity, AppStatus, FailureReport } from "../protocol";
import { ProgressBar } from "../window/bar";
import { failureOf } from "../window/failure-of";
import { JobList } from "../window/job-list";
import { progress } from "../window/progress";
import { headline } from "../window/splash";
import { useStatus } from "../window/use-status";
import { PageFrame } from "./page-frame";

type Props = {
  bridge: SetupBridge;
  app: AppIdentity;
  /** False until the app has confirmed `finish`; before that its status is an old one. */
  started: boolean;
  onReady: () => void;
  onFailed: (report: FailureReport) => void;
};

export function WorkingPage({ bridge, app, started, onReady, onFailed }: Props) {
  return (
    <PageFrame app={app} title={`Getting ${app.name} ready`} greeting busy>
      <Work
        key={String(started)}
        bridge={bridge}
        onStatus={(status) => {
          if (!started) return;
          if (status.phase === "ready") onReady();
          if (status.phase === "failed") onFailed(failureOf(status));
        }}
      />
    </PageFrame>
  );
}

function Work({ bridge, onStatus }: WorkProps) {
  const status = useStatus(bridge)?.status ?? null;
  // Passes each status on once.
  useEffect(() => {
    if (status !== null) onStatus(status);
  }, [status]);

  const label = status === null || status.phase === "setup" ? "Starting…" : headline(status);
  return (
    <div class="fields work">
      <ProgressBar value={status === null ? null : progress(status)} label={label} />
      <p class="headline" role="status">
        {label}
      </p>
      {status !== null && status.jobs.length > 0 && <JobList jobs={status.jobs} />}
    </div>
  );
}

type WorkProps = { bridge: SetupBridge; onStatus: (status: AppStatus) => void };
