/** The answers of a page: typed, checked, saved. Set-up and Settings share it. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type {
  AnswerValue,
  FieldDescription,
  Outcome,
  PageDescription,
  SetupDescription,
} from "../protocol";
import {
  type Draft,
  type Drafts,
  sentValues,
  shownText,
  visibleFields,
  withAnswer,
  withoutSecret,
} from "./answers";
import { mistakeIn, mistakesIn } from "./mistakes";
import { FAILED, perform, usePending } from "./requests";

export type PageProps = {
  bridge: SetupBridge;
  description: SetupDescription;
  page: PageDescription;
  drafts: Drafts;
  onDraft: (draft: Draft) => void;
};

export type Message = { good: boolean; text: string };

export type PageState = {
  fields: FieldDescription[];
  draft: Draft;
  mistakes: Record<string, string>;
  /** The result of the last check or save. */
  message: Message | null;
  busy: "check" | "save" | null;
  answer: (field: FieldDescription, value: AnswerValue) => void;
  remove: (field: FieldDescription) => void;
  leave: (field: FieldDescription) => void;
  check: () => Promise<void>;
  /** Resolves to the outcome when the answers were saved, else to null. */
  save: () => Promise<Outcome | null>;
  stop: () => void;
};

type Mistakes = Record<string, string>;

/** `found` is what is already known to be wrong. */
export function usePage(props: PageProps, found: Outcome | null = null): PageState {
  const { bridge, description, page, drafts, onDraft } = props;
  const draft = drafts[page.name] ?? {};
  const fields = visibleFields(description, page, drafts);
  const [mistakes, setMistakes] = useState<Mistakes>(found?.fields ?? {});
  const [message, setMessage] = useState<Message | null>(
    found === null || found.message === null ? null : { good: found.ok, text: found.message },
  );
  const { busy, wait, stop } = usePending();

  /** A check of earlier answers is no longer waited for. */
  const change = (field: FieldDescription, changed: Draft) => {
    stop();
    setMessage(null);
    setMistakes(({ [field.name]: _, ...others }) => others);
    onDraft(changed);
  };

  const leave = (field: FieldDescription) => {
    if (shownText(field, draft) === "" && !Object.hasOwn(draft, field.name)) return;
    const mistake = mistakeIn(field, draft);
    if (mistake !== null) setMistakes((others) => ({ ...others, [field.name]: mistake }));
  };

  const ask = async (op: "check" | "save"): Promise<Outcome | null> => {
    if (busy !== null) return null;
    const seen = mistakesIn(fields, draft);
    setMistakes(seen);
    setMessage(null);
    if (focusFirst(page, fields, seen)) return null;

    const values = sentValues(description, page, drafts);
    const outcome = await wait(op, () => perform(bridge, { op, page: page.name, values }));
    if (outcome === null) return null;
    setMistakes(outcome.fields);
    if (!outcome.ok) {
      const known = focusFirst(page, fields, outcome.fields);
      const text = outcome.message || (known ? "Some answers need to be corrected." : FAILED);
      setMessage({ good: false, text });
    }
    return outcome;
  };

  return {
    fields,
    draft,
    mistakes,
    message,
    busy: busy as PageState["busy"],
    answer: (field, value) => change(field, withAnswer(draft, field, value)),
    remove: (field) => change(field, withoutSecret(draft, field)),
    leave,
    check: async () => {
      const outcome = await ask("check");
      if (outcome?.ok) setMessage({ good: true, text: outcome.message || "It works." });
    },
    save: async () => {
      const outcome = await ask("save");
      return outcome?.ok ? outcome : null;
    },
    stop,
  };
}

export function fieldId(page: PageDescription, field: FieldDescription): string {
  return `answer-${page.name}-${field.name}`;
}

/** Moves the focus to the first field with a mistake. Returns whether there is one. */
function focusFirst(
  page: PageDescription,
  fields: FieldDescription[],
  mistakes: Mistakes,
): boolean {
  const first = fields.find((field) => Object.hasOwn(mistakes, field.name));
  if (first === undefined) return false;
  const control = document.getElementById(fieldId(page, first));
  control?.focus({ preventScroll: true });
  // Scrolls to its label and mistake as well, once that is rendered.
  requestAnimationFrame(() => control?.closest(".field")?.scrollIntoView({ block: "nearest" }));
  return true;
}
