/** What happens after the last answer, until the app is ready. */

import { useEffect } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppIdentity, Failure, Status } from "../status";
import { ProgressBar } from "../window/bar";
import { progress } from "../window/progress";
import { headline } from "../window/splash";
import { StepList } from "../window/step-list";
import { useStatus } from "../window/use-status";
import { Page } from "./page";

type Props = {
  bridge: SetupBridge;
  app: AppIdentity;
  /** False while the app has not heard yet: what it says is about earlier. */
  started: boolean;
  onReady: () => void;
  onFailed: (why: Failure) => void;
};

export function WorkingPage({ bridge, app, started, onReady, onFailed }: Props) {
  return (
    <Page app={app} title={`Getting ${app.name} ready`} greeting busy>
      <Work
        key={String(started)}
        bridge={bridge}
        onStatus={(status) => {
          if (!started) return;
          if (status.phase === "ready") onReady();
          if (status.phase === "failed") onFailed(status.failure ?? unknownFailure(app));
        }}
      />
    </Page>
  );
}

function Work({ bridge, onStatus }: WorkProps) {
  const status = useStatus(bridge)?.status ?? null;
  // Each status is told once.
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
      {status !== null && status.steps.length > 0 && <StepList steps={status.steps} />}
    </div>
  );
}

type WorkProps = { bridge: SetupBridge; onStatus: (status: Status) => void };

function unknownFailure({ name, version }: AppIdentity): Failure {
  return {
    title: `${name} could not start`,
    message: "Something went wrong that the app could not name.",
    advice: [],
    service: null,
    output: [],
    log: null,
    details: `${name} ${version}: failed without a reason`,
  };
}
