/** Settings: set-up's questions as sections, and the user's data. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import { listed } from "../names";
import type { SetupDescription } from "../protocol";
import { AppIcon } from "../window/app-icon";
import { type Draft, type Drafts, isChanged, visiblePages } from "./answers";
import { YourData } from "./data/your-data";
import { Confirm } from "./dialog";
import { Section } from "./section";
import { TroubleChoices } from "./store-trouble";

type Props = {
  bridge: SetupBridge;
  description: SetupDescription;
  refresh: () => Promise<SetupDescription | null>;
};

export function Settings({ bridge, description, refresh }: Props) {
  const { app, store, data } = description;
  const [drafts, setDrafts] = useState<Drafts>({});
  const [leaving, setLeaving] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const unsaved = description.pages.filter((page) => isChanged(drafts[page.name]));

  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);

  const leave = () => void bridge.closeSettings().catch(console.error);
  const close = () => (unsaved.length > 0 ? setLeaving(true) : leave());
  useEscape(close);
  useUnsavedGuard(unsaved.length > 0);

  const setDraft = (name: string, draft: Draft) =>
    setDrafts((others) => ({ ...others, [name]: draft }));

  return (
    <main class="settings">
      <header>
        <AppIcon app={app} />
        <h1 ref={heading} tabIndex={-1}>
          Settings
        </h1>
        <button type="button" onClick={close}>
          Close
        </button>
      </header>
      {store.trouble !== null && (
        <section class="card" aria-labelledby="store-title">
          <h2 class="sub" id="store-title">
            {store.trouble.title}
          </h2>
          <TroubleChoices
            bridge={bridge}
            store={store}
            trouble={store.trouble}
            onSettled={async () => void (await refresh())}
          />
        </section>
      )}
      {visiblePages(description, drafts).map((page) => (
        <Section
          key={page.name}
          bridge={bridge}
          description={description}
          page={page}
          drafts={drafts}
          onDraft={(draft) => setDraft(page.name, draft)}
          onSaved={async () => {
            if ((await refresh()) !== null) setDraft(page.name, {});
          }}
          refresh={refresh}
        />
      ))}
      {data !== null && <YourData bridge={bridge} app={app} data={data} />}
      {leaving && (
        <Confirm
          title="Close without saving?"
          text={`Your changes in ${listed(unsaved.map((page) => `“${page.title}”`))} are not saved.`}
          confirm="Close without saving"
          cancel="Keep editing"
          onConfirm={leave}
          onCancel={() => setLeaving(false)}
        />
      )}
    </main>
  );
}

/** Closes on Escape, unless a dialog or something else has handled it. */
function useEscape(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector("dialog[open]") === null) latest.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Asks before the window or tab is closed with unsaved changes. */
function useUnsavedGuard(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", onLeave);
    return () => removeEventListener("beforeunload", onLeave);
  }, [unsaved]);
}
