/** Asks for what the app needs before it can start, page by page. */

import type { Outcome } from "../protocol";
import { DonePage } from "./done";
import { PageFrame } from "./page-frame";
import { QuestionsPage } from "./questions-page";
import { StoppedPage } from "./stopped";
import { TroublePage } from "./store-trouble";
import { type FirstRunProps, type FirstRunState, useFirstRun } from "./use-first-run";
import { WelcomePage } from "./welcome";
import { WorkingPage } from "./working";

export function FirstRun(props: FirstRunProps) {
  const { bridge, description, refresh } = props;
  const firstRun = useFirstRun(props);
  const { place } = firstRun;

  switch (place.at) {
    case "welcome":
      return (
        <WelcomePage
          bridge={bridge}
          description={description}
          imported={firstRun.imported}
          onImported={firstRun.applyImport}
          refresh={refresh}
          onNext={() => firstRun.goTo(0)}
        />
      );
    case "page":
      return <Questions {...props} firstRun={firstRun} found={place.found} />;
    case "working":
      return (
        <WorkingPage
          bridge={bridge}
          app={description.app}
          started={place.started}
          onReady={firstRun.ready}
          onFailed={(reason) => firstRun.go({ at: "stopped", reason })}
        />
      );
    case "stopped":
      return (
        <StoppedPage
          description={description}
          reason={place.reason}
          onBack={firstRun.pages.length === 0 ? null : () => firstRun.goTo(0)}
          onRetry={() => void firstRun.finish()}
        />
      );
    case "done":
      return <DonePage description={description} onOpen={firstRun.leave} />;
  }
}

type QuestionsProps = FirstRunProps & { firstRun: FirstRunState; found: Outcome | null };

/** A keychain that does not open comes first: no answer could be saved. */
function Questions({ bridge, description, refresh, firstRun, found }: QuestionsProps) {
  const { app, store } = description;
  const { pages, index } = firstRun;
  if (store.trouble !== null) {
    return (
      <TroublePage
        bridge={bridge}
        app={app}
        store={store}
        trouble={store.trouble}
        onSettled={firstRun.storeSettled}
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
      drafts={firstRun.drafts}
      found={found}
      onDraft={(draft) => firstRun.type(page, draft)}
      onBack={() => firstRun.goTo(index - 1)}
      onSaved={() => firstRun.saved(page)}
      refresh={refresh}
    />
  );
}
