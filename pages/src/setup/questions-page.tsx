/** A page of set-up with questions. */

import type { Outcome, SetupDescription } from "../protocol";
import { PageFields, Paragraphs, StatusLine, TryIt } from "./page-fields";
import { PageFrame } from "./page-frame";
import { type PageProps, usePage } from "./use-page";

type Props = PageProps & {
  number: number;
  count: number;
  /** What the app found wrong when it was to start. */
  found: Outcome | null;
  onBack: () => void;
  onSaved: () => Promise<void>;
  refresh: () => Promise<SetupDescription | null>;
};

export function QuestionsPage(props: Props) {
  const { bridge, description, page, number, count, onBack, onSaved, refresh } = props;
  const state = usePage(props, props.found);

  const next = async () => {
    const saved = await state.save();
    if (saved !== null) return onSaved();
    // The keychain may be what failed, and it has a page of its own.
    if (state.fields.some((field) => field.type === "secret" || field.type === "database")) {
      await refresh();
    }
  };

  return (
    <PageFrame app={description.app} title={page.title} position={{ number, count }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void next();
        }}
      >
        <div class="fields">
          {page.text !== null && <Paragraphs text={page.text} />}
          <PageFields bridge={bridge} page={page} store={description.store} state={state} />
        </div>
        <div class="bottom">
          <StatusLine message={state.message} busy={busyWord(state.busy)} onStop={state.stop} />
          <div class="actions">
            <button type="button" onClick={onBack}>
              Back
            </button>
            <span class="gap" />
            <TryIt page={page} state={state} />
            <button type="submit" class="primary" aria-disabled={state.busy !== null}>
              {number === count ? "Finish" : "Next"}
            </button>
          </div>
        </div>
      </form>
    </PageFrame>
  );
}

function busyWord(busy: "check" | "save" | null): string | null {
  if (busy === null) return null;
  return busy === "check" ? "Checking…" : "Checking your answers…";
}
