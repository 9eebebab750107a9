/** A step of the set-up as a section of Settings, saved by itself. */

import { useRef, useState } from "preact/hooks";
import { isChanged } from "./answers";
import type { Description } from "./protocol";
import { Paragraphs, Saying, StepFields, TryIt } from "./step-fields";
import { type Said, type StepProps, useStep } from "./use-step";

type Props = StepProps & {
  onSaved: () => Promise<void>;
  refresh: () => Promise<Description | null>;
};

export function Section(props: Props) {
  const { bridge, description, step, drafts, onDraft, onSaved, refresh } = props;
  const state = useStep(props);
  const [saved, setSaved] = useState<Said | null>(null);
  const changed = isChanged(drafts[step.name]);
  // It is never really disabled, because what is disabled loses the focus.
  const saving = useRef<HTMLButtonElement>(null);
  const title = `section-${step.name}`;

  const save = async () => {
    if (!changed) return;
    setSaved(null);
    const outcome = await state.save();
    if (outcome === null) return void refresh();
    setSaved({ good: true, text: outcome.message ?? "Saved." });
    await onSaved();
  };

  return (
    <section class="card" aria-labelledby={title}>
      <h2 class="sub" id={title}>
        {step.title}
      </h2>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {step.text !== null && <Paragraphs text={step.text} />}
        <StepFields bridge={bridge} step={step} store={description.store} state={state} />
        <Saying
          said={state.said ?? (changed ? null : saved)}
          busy={state.busy === null ? null : state.busy === "check" ? "Trying…" : "Saving…"}
          onStop={state.stop}
        />
        <div class="actions">
          <button type="submit" class="primary" ref={saving} aria-disabled={!changed}>
            Save
          </button>
          {changed && (
            <button
              type="button"
              onClick={() => {
                state.stop();
                onDraft({});
                saving.current?.focus();
              }}
            >
              Undo changes
            </button>
          )}
          <span class="gap" />
          <TryIt step={step} state={state} />
        </div>
      </form>
    </section>
  );
}
