/** Set-up's first page: the greeting, and the offer to import old settings. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import { listed } from "../names";
import type { ImportedSettings, OldSettings, SetupDescription } from "../protocol";
import { Paragraphs } from "./page-fields";
import { PageFrame } from "./page-frame";
import { usePending } from "./requests";

type Props = {
  bridge: SetupBridge;
  description: SetupDescription;
  /** What was imported from the old settings, if anything. */
  imported: ImportedSettings | null;
  onImported: (answers: ImportedSettings) => void;
  refresh: () => Promise<SetupDescription | null>;
  onNext: () => void;
};

export function WelcomePage(props: Props) {
  const { app, welcome, old_settings } = props.description;
  return (
    <PageFrame app={app} title={welcome.title} greeting onEnter={props.onNext}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onNext();
        }}
      >
        <div class="fields">
          <Paragraphs text={welcome.text} />
          {old_settings !== null && <ImportOffer {...props} oldSettings={old_settings} />}
        </div>
        <div class="bottom">
          <div class="actions">
            <button type="submit" class="primary">
              Start
            </button>
          </div>
        </div>
      </form>
    </PageFrame>
  );
}

type OfferProps = Props & { oldSettings: OldSettings };

function ImportOffer(props: OfferProps) {
  const { bridge, description, oldSettings, imported, onImported, refresh } = props;
  const [trouble, setTrouble] = useState<string | null>(null);
  const { busy, wait } = usePending();

  const importSettings = async () => {
    if (busy !== null) return;
    setTrouble(null);
    const response = await wait("import", () =>
      bridge.send({ op: "import-settings" }).catch(noResponse),
    );
    if (response === null) return;
    if (!response.ok) return setTrouble(response.message || "Your old settings could not be read.");
    await refresh();
    onImported(response);
  };

  return (
    <section class="panel" aria-labelledby="import-title">
      <h2 class="sub" id="import-title">
        Your old settings were found
      </h2>
      <p>
        {listed(oldSettings.fields) || "Your answers"} can be imported from{" "}
        <span class="path">{oldSettings.path}</span>. The file is not changed.
      </p>
      <p role="status" class={trouble === null ? "good" : "bad"}>
        {trouble ?? (imported === null ? null : importedWord(description, imported))}
      </p>
      {imported === null && (
        <button type="button" aria-disabled={busy !== null} onClick={() => void importSettings()}>
          {busy === null ? "Import your old settings" : "Importing…"}
        </button>
      )}
    </section>
  );
}

function noResponse(error: unknown): ImportedSettings {
  console.error(error);
  const message = "The app did not respond. Try again, or continue without your old settings.";
  return { ok: false, message, values: {}, secrets: [] };
}

function importedWord(
  description: SetupDescription,
  { message, values, secrets }: ImportedSettings,
): string {
  if (message) return message;
  const names = labels(description, [...Object.keys(values), ...secrets]);
  if (names.length === 0) return "Your old settings have no answers to these questions.";
  return `Imported: ${listed(names, Infinity)}. You can review them on the next pages.`;
}

function labels({ pages }: SetupDescription, names: string[]): string[] {
  const fields = pages.flatMap((page) => page.fields);
  return names.map((name) => fields.find((field) => field.name === name)?.label ?? name);
}
