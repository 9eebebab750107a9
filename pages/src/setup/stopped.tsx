/** Shown when the app could not start with the answers. */

import type { FailureReport, Outcome, SetupDescription } from "../protocol";
import { PageFrame } from "./page-frame";

type Props = {
  description: SetupDescription;
  reason: Outcome | FailureReport;
  /** Null when there is no answer to change. */
  onBack: (() => void) | null;
  onRetry: () => void;
};

export function StoppedPage({ description, reason, onBack, onRetry }: Props) {
  const { app } = description;
  const title = "title" in reason ? reason.title : `${app.name} could not start`;
  const advice = "advice" in reason ? reason.advice : [];
  return (
    <PageFrame app={app} title={title}>
      <div class="fields">
        <p role="alert" class="text">
          {reason.message || "The app did not say why. Your answers are kept."}
        </p>
        {advice.length > 0 && (
          <ul class="advice">
            {advice.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
      <div class="bottom">
        <div class="actions">
          {onBack !== null && (
            <button type="button" onClick={onBack}>
              Review your answers
            </button>
          )}
          <span class="gap" />
          <button type="button" class="primary" onClick={onRetry}>
            Try again
          </button>
        </div>
      </div>
    </PageFrame>
  );
}
