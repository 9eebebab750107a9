/** What kept the app from starting with these answers. */

import type { Failure } from "../status";
import { Page } from "./page";
import type { Description, Outcome } from "./protocol";

type Props = {
  description: Description;
  why: Outcome | Failure;
  /** Null when there is no answer to change. */
  onBack: (() => void) | null;
  onRetry: () => void;
};

export function StoppedPage({ description, why, onBack, onRetry }: Props) {
  const { app } = description;
  const title = "title" in why ? why.title : `${app.name} could not start`;
  const advice = "advice" in why ? why.advice : [];
  return (
    <Page app={app} title={title}>
      <div class="fields">
        <p role="alert" class="text">
          {why.message ?? "It did not say why. Your answers are kept."}
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
              Look at your answers
            </button>
          )}
          <span class="gap" />
          <button type="button" class="primary" onClick={onRetry}>
            Try again
          </button>
        </div>
      </div>
    </Page>
  );
}
