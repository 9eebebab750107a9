/** Asks for what the app needs before it can start, a page for each step. */

import { useEffect, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { Failure, Phase } from "../status";
import { type Drafts, isChanged, visibleSteps, withAnswer } from "./answers";
import { tell } from "./ask";
import { DonePage } from "./done";
import { forget, keep, kept } from "./kept";
import { Page } from "./page";
import type { Description, Imported, Outcome } from "./protocol";
import { StepPage } from "./step-page";
import { StoppedPage } from "./stopped";
import { TroublePage } from "./store-trouble";
import { WelcomePage } from "./welcome";
import { WorkingPage } from "./working";

type Place =
  | { at: "welcome" }
  | { at: "step"; name: string }
  /** Started once the app has heard that it may go on. */
  | { at: "working"; started: boolean }
  | { at: "stopped"; why: Outcome | Failure }
  | { at: "done" };

type Props = {
  bridge: SetupBridge;
  description: Description;
  /** Where the app is; null when it did not say. */
  phase: Phase | null;
  /** Asks for the description again; null when there was no answer. */
  refresh: () => Promise<Description | null>;
};

export function Wizard({ bridge, description, phase, refresh }: Props) {
  const { app, store } = description;
  const [drafts, setDrafts] = useState<Drafts>(() => kept(description));
  const [place, setPlace] = useState<Place>(() => firstPlace(description, phase));
  const [imported, setImported] = useState<Imported | null>(null);
  /** What was only found when all was to start. */
  const [found, setFound] = useState<Outcome | null>(null);

  useEffect(() => keep(description, drafts), [description, drafts]);
  const steps = visibleSteps(description, drafts);
  const index = place.at === "step" ? steps.findIndex((step) => step.name === place.name) : -1;

  const go = (next: Place) => {
    setFound(null);
    setPlace(next);
  };
  const goTo = (number: number, among = steps) => {
    const step = among[number];
    if (step !== undefined) return go({ at: "step", name: step.name });
    if (number < 0) return go({ at: "welcome" });
    void finish();
  };

  const finish = async () => {
    go({ at: "working", started: false });
    const outcome = await tell(bridge, { op: "finish" });
    if (outcome.ok) return go({ at: "working", started: true });
    const step = steps.find(({ fields }) =>
      fields.some((field) => Object.hasOwn(outcome.fields, field.name)),
    );
    if (step === undefined) return go({ at: "stopped", why: outcome });
    setFound(outcome);
    setPlace({ at: "step", name: step.name });
  };
  const done = () => {
    forget(description);
    if (description.done === null) return leave(bridge);
    setPlace({ at: "done" });
  };

  const takeOver = (answers: Imported) => {
    setImported(answers);
    setDrafts((typed) => withImported(description, typed, answers));
  };
  /** What is stored is not a draft any more, and a secret need not be remembered here. */
  const saved = async (name: string) => {
    const { [name]: _, ...others } = drafts;
    const fresh = await refresh();
    if (fresh !== null) setDrafts(others);
    goTo(index + 1, visibleSteps(fresh ?? description, fresh === null ? drafts : others));
  };
  const storeSettled = async () => {
    const fresh = await refresh();
    const nothingToAsk = fresh?.steps.every((step) => step.complete) && !anyChanged(drafts);
    if (nothingToAsk && fresh?.store.trouble === null) await finish();
  };

  // With nothing to ask, there is nothing to wait for either.
  useEffect(() => {
    if (place.at === "step" && index < 0 && store.trouble === null) goTo(0);
  });

  switch (place.at) {
    case "welcome":
      return (
        <WelcomePage
          bridge={bridge}
          description={description}
          imported={imported}
          onImported={takeOver}
          refresh={refresh}
          onNext={() => goTo(0)}
        />
      );
    case "working":
      return (
        <WorkingPage
          bridge={bridge}
          app={app}
          started={place.started}
          onReady={done}
          onFailed={(why) => go({ at: "stopped", why })}
        />
      );
    case "stopped":
      return (
        <StoppedPage
          description={description}
          why={place.why}
          onBack={steps.length === 0 ? null : () => goTo(0)}
          onRetry={() => void finish()}
        />
      );
    case "done":
      return <DonePage description={description} onOpen={() => leave(bridge)} />;
    case "step":
      break;
  }
  if (store.trouble !== null) {
    return (
      <TroublePage
        bridge={bridge}
        app={app}
        store={store}
        trouble={store.trouble}
        onSettled={storeSettled}
      />
    );
  }
  const step = steps[index];
  if (step === undefined) return <Page app={app} title={app.name} busy children={null} />;
  return (
    <StepPage
      key={step.name}
      bridge={bridge}
      description={description}
      step={step}
      number={index + 1}
      count={steps.length}
      drafts={drafts}
      found={found}
      onDraft={(draft) => setDrafts((others) => ({ ...others, [step.name]: draft }))}
      onBack={index > 0 || hasWelcome(description) ? () => goTo(index - 1) : null}
      onSaved={() => saved(step.name)}
      refresh={refresh}
    />
  );
}

function hasWelcome({ welcome, importable }: Description): boolean {
  return welcome !== null || importable !== null;
}

/** Goes on where it was left: at the first step that misses something. */
function firstPlace(description: Description, phase: Phase | null): Place {
  if (phase !== null && phase !== "setup") return { at: "working", started: true };
  const { steps } = description;
  const begun = steps.some((step) => step.complete);
  if (hasWelcome(description) && !begun) return { at: "welcome" };
  const next = steps.find((step) => !step.complete) ?? steps.at(-1);
  return { at: "step", name: next?.name ?? "" };
}

function anyChanged(drafts: Drafts): boolean {
  return Object.values(drafts).some(isChanged);
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

function leave(bridge: SetupBridge): void {
  bridge.closeSettings().catch(console.error);
}
