/** Asks for what the app needs before it can start, page by page. */

import type { Outcome } from "../protocol";
import { DonePage } from "./done";
import { PageFrame } from "./page-frame";
import { QuestionsPage } from "./questions-page";
import { StoppedPage } from "./stopped";
import { TroublePage } from "./store-trouble";
import { useWizard, type WizardProps, type WizardState } from "./use-wizard";
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
          onImported={wizard.applyImport}
          refresh={refresh}
          onNext={() => wizard.goTo(0)}
        />
      );
    case "page":
      return <Questions {...props} wizard={wizard} found={place.found} />;
    case "working":
      return (
        <WorkingPage
          bridge={bridge}
          app={description.app}
          started={place.started}
          onReady={wizard.ready}
          onFailed={(reason) => wizard.go({ at: "stopped", reason })}
        />
      );
    case "stopped":
      return (
        <StoppedPage
          description={description}
          reason={place.reason}
          onBack={wizard.pages.length === 0 ? null : () => wizard.goTo(0)}
          onRetry={() => void wizard.finish()}
        />
      );
    case "done":
      return <DonePage description={description} onOpen={wizard.leave} />;
  }
}

type QuestionsProps = WizardProps & { wizard: WizardState; found: Outcome | null };

/** A keychain that does not open comes first: no answer could be saved. */
function Questions({ bridge, description, refresh, wizard, found }: QuestionsProps) {
  const { app, store } = description;
  const { pages, index } = wizard;
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
  const page = pages[index];
  if (page === undefined) return <PageFrame app={app} title={app.name} busy children={null} />;
  return (
    <QuestionsPage
      key={page.name}
      bridge={bridge}
      description={description}
      page={page}
      number={index + 1}
      count={pages.length}
      drafts={wizard.drafts}
      found={found}
      onDraft={(draft) => wizard.type(page, draft)}
      onBack={() => wizard.goTo(index - 1)}
      onSaved={() => wizard.saved(page)}
      refresh={refresh}
    />
  );
}
