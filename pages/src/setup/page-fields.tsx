/** The fields of a page, and the result of the last check or save. */

import type { SetupBridge } from "../bridge";
import type { PageDescription, SecretStore } from "../protocol";
import { AnyField } from "./fields/field";
import { fieldId, type Message, type PageState } from "./use-page";

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

/** The button that checks the answers. */
export function TryIt({ page, state }: { page: PageDescription; state: PageState }) {
  if (!page.has_check) return null;
  return (
    <button type="button" aria-disabled={state.busy !== null} onClick={() => void state.check()}>
      {state.busy === "check" ? "Checking…" : "Try it"}
    </button>
  );
}

/** What is happening or has happened. Always rendered, so that screen readers announce it. */
export function StatusLine({ message, busy, onStop }: StatusLineProps) {
  return (
    <div class="status-line">
      <p role="status" class={message === null ? "" : message.good ? "good" : "bad"}>
        {busy ?? message?.text}
      </p>
      {busy !== null && (
        <button type="button" class="quiet" onClick={onStop}>
          Stop waiting
        </button>
      )}
    </div>
  );
}

type StatusLineProps = { message: Message | null; busy: string | null; onStop: () => void };

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
