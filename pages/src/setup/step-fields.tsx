/** The fields of a step, and what came of the last try. */

import type { SetupBridge } from "../bridge";
import { AnyField } from "./fields/field";
import type { SetupStep, Store } from "./protocol";
import { fieldId, type Said, type StepState } from "./use-step";

type Props = { bridge: SetupBridge; step: SetupStep; store: Store; state: StepState };

export function StepFields({ bridge, step, store, state }: Props) {
  return (
    <>
      {state.fields.map((field) => (
        <AnyField
          key={field.name}
          id={fieldId(step, field)}
          field={field}
          draft={state.draft}
          mistake={state.mistakes[field.name] ?? null}
          store={store.kind}
          pick={bridge.pick}
          onAnswer={(value) => state.answer(field, value)}
          onRemove={() => state.remove(field)}
          onLeave={() => state.leave(field)}
        />
      ))}
    </>
  );
}

/** Tries the answers, with what came of it beside the button. */
export function TryIt({ step, state }: { step: SetupStep; state: StepState }) {
  if (!step.has_check) return null;
  return (
    <button type="button" aria-disabled={state.busy !== null} onClick={() => void state.check()}>
      {state.busy === "check" ? "Trying…" : (step.check_label ?? "Try it")}
    </button>
  );
}

/** What happens now or has happened; the region is always there, so that it is read out. */
export function Saying({ said, busy, onStop }: SayingProps) {
  return (
    <div class="saying">
      <p role="status" class={said === null ? "" : said.good ? "good" : "bad"}>
        {busy ?? said?.text}
      </p>
      {busy !== null && (
        <button type="button" class="quiet" onClick={onStop}>
          Stop waiting
        </button>
      )}
    </div>
  );
}

type SayingProps = { said: Said | null; busy: string | null; onStop: () => void };

export function Paragraphs({ text }: { text: string }) {
  const paragraphs = text.split(/\n\s*\n/u).filter((paragraph) => paragraph.trim() !== "");
  return (
    <>
      {paragraphs.map((paragraph) => (
        <p class="text" key={paragraph}>
          {paragraph}
        </p>
      ))}
    </>
  );
}
