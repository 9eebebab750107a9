/** Where the wizard is, what was typed in it, and what leads from page to page. */

import { useEffect, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type {
  AppPhase,
  FailureReport,
  ImportedSettings,
  Outcome,
  PageDescription,
  SetupDescription,
} from "../protocol";
import { type Draft, type Drafts, isChanged, visiblePages, withAnswer } from "./answers";
import { tell } from "./ask";
import { forget, keep, kept } from "./kept";

export type WizardProps = {
  bridge: SetupBridge;
  description: SetupDescription;
  /** Where the app is; null when it did not say. */
  phase: AppPhase | null;
  /** Asks for the description again; null when there was no answer. */
  refresh: () => Promise<SetupDescription | null>;
};

export type Place =
  | { at: "welcome" }
  /** `found` is what only came out when all was to start. */
  | { at: "page"; name: string; found: Outcome | null }
  /** Started once the app has heard that it may go on. */
  | { at: "working"; started: boolean }
  | { at: "stopped"; reason: Outcome | FailureReport }
  | { at: "done" };

export type WizardState = {
  place: Place;
  drafts: Drafts;
  /** The pages that have something to ask. */
  pages: PageDescription[];
  /** Which of them is shown, or -1. */
  index: number;
  imported: ImportedSettings | null;
  go: (place: Place) => void;
  /** To a page by its number; before the first is the welcome, after the last the end. */
  goTo: (number: number) => void;
  type: (page: PageDescription, draft: Draft) => void;
  takeOver: (answers: ImportedSettings) => void;
  saved: (page: PageDescription) => Promise<void>;
  /** The keychain opens again, or something else takes its place. */
  storeSettled: () => Promise<void>;
  finish: () => Promise<void>;
  /** The app is ready. */
  ready: () => void;
  leave: () => void;
};

export function useWizard({ bridge, description, phase, refresh }: WizardProps): WizardState {
  const [drafts, setDrafts] = useState<Drafts>(() => kept(description));
  const [place, go] = useState<Place>(() => firstPlace(description, drafts, phase));
  const [imported, setImported] = useState<ImportedSettings | null>(null);
  const pages = visiblePages(description, drafts);
  const index = place.at === "page" ? pages.findIndex(({ name }) => name === place.name) : -1;

  useEffect(() => keep(description, drafts), [description, drafts]);
  // With nothing to ask, there is nothing to wait for either.
  useEffect(() => {
    if (place.at === "page" && index < 0 && description.store.trouble === null) goTo(0);
  });

  const finish = async () => {
    go({ at: "working", started: false });
    go(placeAfter(await tell(bridge, { op: "finish" }), pages));
  };
  const goTo = (number: number, among = pages) => {
    const page = among[number];
    if (page !== undefined) return go({ at: "page", name: page.name, found: null });
    if (number < 0) return go({ at: "welcome" });
    void finish();
  };
  const leave = () => void bridge.closeSettings().catch(console.error);

  return {
    place,
    drafts,
    pages,
    index,
    imported,
    go,
    goTo: (number) => goTo(number),
    type: (page, draft) => setDrafts((others) => ({ ...others, [page.name]: draft })),
    takeOver: (answers) => {
      setImported(answers);
      setDrafts((typed) => withImported(description, typed, answers));
    },
    saved: async ({ name }) => {
      const fresh = await refresh();
      // What is stored is not a draft any more, and a secret need not be remembered here.
      const { [name]: _, ...others } = drafts;
      const left = fresh === null ? drafts : others;
      setDrafts(left);
      goTo(index + 1, visiblePages(fresh ?? description, left));
    },
    storeSettled: async () => {
      const fresh = await refresh();
      const settled = fresh?.store.trouble === null && fresh.pages.every((page) => page.complete);
      if (settled && !Object.values(drafts).some(isChanged)) await finish();
    },
    finish,
    ready: () => {
      forget(description);
      go({ at: "done" });
    },
    leave,
  };
}

/** Goes on where it was left: at the first page that misses something. */
function firstPlace(description: SetupDescription, drafts: Drafts, phase: AppPhase | null): Place {
  if (phase !== null && phase !== "setup") return { at: "working", started: true };
  const pages = visiblePages(description, drafts);
  // A page whose answers are all there by default was not begun.
  const begun = pages.some((page) => page.complete && page.fields.some((field) => field.is_set));
  const next = pages.find((page) => !page.complete) ?? pages.at(-1);
  if (!begun || next === undefined) return { at: "welcome" };
  return { at: "page", name: next.name, found: null };
}

/** An answer that cannot stay leads back to its page. */
function placeAfter(finish: Outcome, pages: PageDescription[]): Place {
  if (finish.ok) return { at: "working", started: true };
  const page = pages.find(({ fields }) =>
    fields.some((field) => Object.hasOwn(finish.fields, field.name)),
  );
  if (page === undefined) return { at: "stopped", reason: finish };
  return { at: "page", name: page.name, found: finish };
}

function withImported(
  { pages }: SetupDescription,
  drafts: Drafts,
  { values }: ImportedSettings,
): Drafts {
  const all = { ...drafts };
  for (const page of pages) {
    for (const field of page.fields) {
      const value = Object.hasOwn(values, field.name) ? (values[field.name] ?? null) : null;
      if (value !== null) all[page.name] = withAnswer(all[page.name] ?? {}, field, value);
    }
  }
  return all;
}
