/** The state of set-up: the page it is on, the answers, and the moves between pages. */

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
import { perform } from "./requests";
import { forgetDrafts, storeDrafts, storedDrafts } from "./stored-drafts";

export type FirstRunProps = {
  bridge: SetupBridge;
  description: SetupDescription;
  /** The app's phase; null when it is unknown. */
  phase: AppPhase | null;
  /** Loads the description again; null when the app did not respond. */
  refresh: () => Promise<SetupDescription | null>;
};

export type Place =
  | { at: "welcome" }
  /** `found` is what the app found wrong when it was to start. */
  | { at: "page"; name: string; found: Outcome | null }
  /** `started` once the app has confirmed that it goes on. */
  | { at: "working"; started: boolean }
  | { at: "stopped"; reason: Outcome | FailureReport }
  | { at: "done" };

export type FirstRunState = {
  place: Place;
  drafts: Drafts;
  /** The pages that are shown. */
  pages: PageDescription[];
  /** The index of the current one, or -1. */
  index: number;
  imported: ImportedSettings | null;
  go: (place: Place) => void;
  /** Goes to a page by its index; before the first comes the welcome, after the last the end. */
  goTo: (number: number) => void;
  type: (page: PageDescription, draft: Draft) => void;
  applyImport: (answers: ImportedSettings) => void;
  saved: (page: PageDescription) => Promise<void>;
  /** The keychain works again, or another store takes its place. */
  storeSettled: () => Promise<void>;
  finish: () => Promise<void>;
  /** Called when the app is ready. */
  ready: () => void;
  leave: () => void;
};

export function useFirstRun({ bridge, description, phase, refresh }: FirstRunProps): FirstRunState {
  const [drafts, setDrafts] = useState<Drafts>(() => storedDrafts(description));
  const [place, go] = useState<Place>(() => firstPlace(description, drafts, phase));
  const [imported, setImported] = useState<ImportedSettings | null>(null);
  const pages = visiblePages(description, drafts);
  const index = place.at === "page" ? pages.findIndex(({ name }) => name === place.name) : -1;

  useEffect(() => storeDrafts(description, drafts), [description, drafts]);
  // The page may have become hidden by answers that were given elsewhere.
  useEffect(() => {
    if (place.at === "page" && index < 0 && description.store.trouble === null) goTo(0);
  });

  const finish = async () => {
    go({ at: "working", started: false });
    go(placeAfter(await perform(bridge, { op: "finish" }), pages));
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
    applyImport: (answers) => {
      setImported(answers);
      setDrafts((typed) => withImported(description, typed, answers));
    },
    saved: async ({ name }) => {
      const fresh = await refresh();
      // Saved answers are no longer drafts, and a secret is not kept here longer than needed.
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
      forgetDrafts(description);
      go({ at: "done" });
    },
    leave,
  };
}

/** Returns where set-up was left: at the first page that is not complete. */
function firstPlace(description: SetupDescription, drafts: Drafts, phase: AppPhase | null): Place {
  if (phase !== null && phase !== "setup") return { at: "working", started: true };
  const pages = visiblePages(description, drafts);
  // A page that is complete by its defaults alone was not begun.
  const begun = pages.some((page) => page.complete && page.fields.some((field) => field.is_set));
  const next = pages.find((page) => !page.complete) ?? pages.at(-1);
  if (!begun || next === undefined) return { at: "welcome" };
  return { at: "page", name: next.name, found: null };
}

/** Returns the place after `finish`: an answer that was refused leads back to its page. */
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
