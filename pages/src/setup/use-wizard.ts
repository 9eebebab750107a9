/** Where the wizard is, what was typed in it, and what leads from page to page. */

import { useEffect, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { Failure, Phase } from "../status";
import { type Draft, type Drafts, isChanged, visibleSteps, withAnswer } from "./answers";
import { tell } from "./ask";
import { forget, keep, kept } from "./kept";
import type { Description, Imported, Outcome, SetupStep } from "./protocol";

export type WizardProps = {
  bridge: SetupBridge;
  description: Description;
  /** Where the app is; null when it did not say. */
  phase: Phase | null;
  /** Asks for the description again; null when there was no answer. */
  refresh: () => Promise<Description | null>;
};

export type Place =
  | { at: "welcome" }
  /** `found` is what only came out when all was to start. */
  | { at: "step"; name: string; found: Outcome | null }
  /** Started once the app has heard that it may go on. */
  | { at: "working"; started: boolean }
  | { at: "stopped"; why: Outcome | Failure }
  | { at: "done" };

export type WizardState = {
  place: Place;
  drafts: Drafts;
  /** The steps that have something to ask. */
  steps: SetupStep[];
  /** Which of them is shown, or -1. */
  index: number;
  imported: Imported | null;
  go: (place: Place) => void;
  /** To a step by its number; before the first is the welcome, after the last the end. */
  goTo: (number: number) => void;
  type: (step: SetupStep, draft: Draft) => void;
  takeOver: (answers: Imported) => void;
  saved: (step: SetupStep) => Promise<void>;
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
  const [imported, setImported] = useState<Imported | null>(null);
  const steps = visibleSteps(description, drafts);
  const index = place.at === "step" ? steps.findIndex(({ name }) => name === place.name) : -1;

  useEffect(() => keep(description, drafts), [description, drafts]);
  // With nothing to ask, there is nothing to wait for either.
  useEffect(() => {
    if (place.at === "step" && index < 0 && description.store.trouble === null) goTo(0);
  });

  const finish = async () => {
    go({ at: "working", started: false });
    go(placeAfter(await tell(bridge, { op: "finish" }), steps));
  };
  const goTo = (number: number, among = steps) => {
    const step = among[number];
    if (step !== undefined) return go({ at: "step", name: step.name, found: null });
    if (number < 0) return go({ at: "welcome" });
    void finish();
  };
  const leave = () => void bridge.closeSettings().catch(console.error);

  return {
    place,
    drafts,
    steps,
    index,
    imported,
    go,
    goTo: (number) => goTo(number),
    type: (step, draft) => setDrafts((others) => ({ ...others, [step.name]: draft })),
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
      goTo(index + 1, visibleSteps(fresh ?? description, left));
    },
    storeSettled: async () => {
      const fresh = await refresh();
      const settled = fresh?.store.trouble === null && fresh.steps.every((step) => step.complete);
      if (settled && !Object.values(drafts).some(isChanged)) await finish();
    },
    finish,
    ready: () => {
      forget(description);
      return description.done === null ? leave() : go({ at: "done" });
    },
    leave,
  };
}

export function hasWelcome({ welcome, importable }: Description): boolean {
  return welcome !== null || importable !== null;
}

/** Goes on where it was left: at the first step that misses something. */
function firstPlace(description: Description, drafts: Drafts, phase: Phase | null): Place {
  if (phase !== null && phase !== "setup") return { at: "working", started: true };
  const steps = visibleSteps(description, drafts);
  // A step whose answers are all there by default was not begun.
  const begun = steps.some((step) => step.complete && step.fields.some((field) => field.is_set));
  if (hasWelcome(description) && !begun) return { at: "welcome" };
  const next = steps.find((step) => !step.complete) ?? steps.at(-1);
  return { at: "step", name: next?.name ?? "", found: null };
}

/** An answer that cannot stay leads back to its step. */
function placeAfter(finish: Outcome, steps: SetupStep[]): Place {
  if (finish.ok) return { at: "working", started: true };
  const step = steps.find(({ fields }) =>
    fields.some((field) => Object.hasOwn(finish.fields, field.name)),
  );
  if (step === undefined) return { at: "stopped", why: finish };
  return { at: "step", name: step.name, found: finish };
}

function withImported({ steps }: Description, drafts: Drafts, { values }: Imported): Drafts {
  const all = { ...drafts };
  for (const step of steps) {
    for (const field of step.fields) {
      const value = Object.hasOwn(values, field.name) ? (values[field.name] ?? null) : null;
      if (value !== null) all[step.name] = withAnswer(all[step.name] ?? {}, field, value);
    }
  }
  return all;
}
