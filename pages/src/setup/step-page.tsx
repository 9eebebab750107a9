/** One step of the wizard. */

import { Page } from "./page";
import type { Description, Outcome } from "./protocol";
import { Paragraphs, Saying, StepFields, TryIt } from "./step-fields";
import { type StepProps, useStep } from "./use-step";

type Props = StepProps & {
  number: number;
  count: number;
  /** What came of the answers when all was to start. */
  found: Outcome | null;
  /** Null on the first page. */
  onBack: (() => void) | null;
  onSaved: () => Promise<void>;
  refresh: () => Promise<Description | null>;
};

export function StepPage(props: Props) {
  const { bridge, description, step, number, count, onBack, onSaved, refresh } = props;
  const state = useStep(props, props.found);

  const next = async () => {
    const saved = await state.save();
    if (saved !== null) return onSaved();
    // What has gone wrong may be the keychain, which has a page of its own.
    if (state.fields.some((field) => field.type === "secret" || field.type === "database")) {
      await refresh();
    }
  };

  return (
    <Page app={description.app} title={step.title} step={{ number, count }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void next();
        }}
      >
        <div class="fields">
          {step.text !== null && <Paragraphs text={step.text} />}
          <StepFields bridge={bridge} step={step} store={description.store} state={state} />
        </div>
        <div class="bottom">
          <Saying said={state.said} busy={busyWord(state.busy)} onStop={state.stop} />
          <div class="actions">
            {onBack !== null && (
              <button type="button" onClick={onBack}>
                Back
              </button>
            )}
            <span class="gap" />
            <TryIt step={step} state={state} />
            <button type="submit" class="primary" aria-disabled={state.busy !== null}>
              {number === count ? "Finish" : "Next"}
            </button>
          </div>
        </div>
      </form>
    </Page>
  );
}

function busyWord(busy: "check" | "save" | null): string | null {
  if (busy === null) return null;
  return busy === "check" ? "Trying…" : "Checking your answers…";
}
