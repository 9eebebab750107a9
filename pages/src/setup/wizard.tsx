/** Asks for what the app needs before it can start, a page for each step. */

import { DonePage } from "./done";
import { Page } from "./page";
import type { Outcome } from "./protocol";
import { StepPage } from "./step-page";
import { StoppedPage } from "./stopped";
import { TroublePage } from "./store-trouble";
import { hasWelcome, useWizard, type WizardProps, type WizardState } from "./use-wizard";
import { WelcomePage } from "./welcome";
import { WorkingPage } from "./working";

export function Wizard(props: WizardProps) {
  const { bridge, description, refresh } = props;
  const wizard = useWizard(props);
  const { place } = wizard;

  switch (place.at) {
    case "welcome":
      return (
        <WelcomePage
          bridge={bridge}
          description={description}
          imported={wizard.imported}
          onImported={wizard.takeOver}
          refresh={refresh}
          onNext={() => wizard.goTo(0)}
        />
      );
    case "step":
      return <Step {...props} wizard={wizard} found={place.found} />;
    case "working":
      return (
        <WorkingPage
          bridge={bridge}
          app={description.app}
          started={place.started}
          onReady={wizard.ready}
          onFailed={(why) => wizard.go({ at: "stopped", why })}
        />
      );
    case "stopped":
      return (
        <StoppedPage
          description={description}
          why={place.why}
          onBack={wizard.steps.length === 0 ? null : () => wizard.goTo(0)}
          onRetry={() => void wizard.finish()}
        />
      );
    case "done":
      return <DonePage description={description} onOpen={wizard.leave} />;
  }
}

type StepProps = WizardProps & { wizard: WizardState; found: Outcome | null };

/** A keychain that does not open comes first: nothing could be stored. */
function Step({ bridge, description, refresh, wizard, found }: StepProps) {
  const { app, store } = description;
  const { steps, index } = wizard;
  if (store.trouble !== null) {
    return (
      <TroublePage
        bridge={bridge}
        app={app}
        store={store}
        trouble={store.trouble}
        onSettled={wizard.storeSettled}
      />
    );
  }
  const step = steps[index];
  if (step === undefined) return <Page app={app} title={app.name} busy children={null} />;
  const first = index === 0 && !hasWelcome(description);
  return (
    <StepPage
      key={step.name}
      bridge={bridge}
      description={description}
      step={step}
      number={index + 1}
      count={steps.length}
      drafts={wizard.drafts}
      found={found}
      onDraft={(draft) => wizard.type(step, draft)}
      onBack={first ? null : () => wizard.goTo(index - 1)}
      onSaved={() => wizard.saved(step)}
      refresh={refresh}
    />
  );
}
