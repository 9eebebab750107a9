/** A page of set-up as a section of Settings, saved separately. */

import { useRef, useState } from "preact/hooks";
import type { SetupDescription } from "../protocol";
import { isChanged } from "./answers";
import { PageFields, Paragraphs, StatusLine, TryIt } from "./page-fields";
import { type Message, type PageProps, usePage } from "./use-page";

type Props = PageProps & {
  onSaved: () => Promise<void>;
  refresh: () => Promise<SetupDescription | null>;
};

export function Section(props: Props) {
  const { bridge, description, page, drafts, onDraft, onSaved, refresh } = props;
  const state = usePage(props);
  const [saved, setSaved] = useState<Message | null>(null);
  const changed = isChanged(drafts[page.name]);
  // Never disabled for real: a disabled button loses the focus.
  const saving = useRef<HTMLButtonElement>(null);
  const title = `section-${page.name}`;

  const save = async () => {
    if (!changed) return;
    setSaved(null);
    const outcome = await state.save();
    if (outcome === null) return void refresh();
    setSaved({ good: true, text: outcome.message || "Saved." });
    await onSaved();
  };

  return (
    <section class="card" aria-labelledby={title}>
      <h2 class="sub" id={title}>
        {page.title}
      </h2>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {page.text !== null && <Paragraphs text={page.text} />}
        <PageFields bridge={bridge} page={page} store={description.store} state={state} />
        <StatusLine
          message={state.message ?? (changed ? null : saved)}
          busy={state.busy === null ? null : state.busy === "check" ? "Checking…" : "Saving…"}
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
          <TryIt page={page} state={state} />
        </div>
      </form>
    </section>
  );
}
