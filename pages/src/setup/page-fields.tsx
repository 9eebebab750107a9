/** The fields of a page, and what came of the last try. */

import type { SetupBridge } from "../bridge";
import type { PageDescription, SecretStore } from "../protocol";
import { AnyField } from "./fields/field";
import { fieldId, type PageState, type Said } from "./use-page";

type Props = { bridge: SetupBridge; page: PageDescription; store: SecretStore; state: PageState };

export function PageFields({ bridge, page, store, state }: Props) {
  return (
    <>
      {state.fields.map((field) => (
        <AnyField
          key={field.name}
          id={fieldId(page, field)}
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
export function TryIt({ page, state }: { page: PageDescription; state: PageState }) {
  if (!page.has_check) return null;
  return (
    <button type="button" aria-disabled={state.busy !== null} onClick={() => void state.check()}>
      {state.busy === "check" ? "Checking…" : "Try it"}
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
