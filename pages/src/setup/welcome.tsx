/** The first page: what this is about, and answers that are there already. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import { useAsking } from "./ask";
import { Page } from "./page";
import type { Description, Imported } from "./protocol";
import { Paragraphs } from "./step-fields";

type Props = {
  bridge: SetupBridge;
  description: Description;
  /** What was taken from the old settings, if it was. */
  imported: Imported | null;
  onImported: (answers: Imported) => void;
  refresh: () => Promise<Description | null>;
  onNext: () => void;
};

export function WelcomePage(props: Props) {
  const { app, welcome, importable } = props.description;
  const { title, text } = welcome ?? {
    title: `Set up ${app.name}`,
    text: `${app.name} needs a few answers before it can start.`,
  };
  return (
    <Page app={app} title={title} greeting onEnter={props.onNext}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onNext();
        }}
      >
        <div class="fields">
          <Paragraphs text={text} />
          {importable !== null && <ImportOffer {...props} importable={importable} />}
        </div>
        <div class="bottom">
          <div class="actions">
            <button type="submit" class="primary">
              Start
            </button>
          </div>
        </div>
      </form>
    </Page>
  );
}

type OfferProps = Props & { importable: NonNullable<Description["importable"]> };

function ImportOffer(props: OfferProps) {
  const { bridge, description, importable, imported, onImported, refresh } = props;
  const [trouble, setTrouble] = useState<string | null>(null);
  const { busy, wait } = useAsking();

  const take = async () => {
    if (busy !== null) return;
    setTrouble(null);
    const answer = await wait("import", () => bridge.setup({ op: "import" }).catch(noAnswer));
    if (answer === null) return;
    if (!answer.ok) return setTrouble(answer.message ?? "The old settings could not be read.");
    await refresh();
    onImported(answer);
  };

  return (
    <section class="panel" aria-labelledby="import-title">
      <h2 class="sub" id="import-title">
        Your old settings were found
      </h2>
      <p>
        {listed(labels(description, importable.fields))} can be taken from{" "}
        <span class="path">{importable.path}</span>. The file stays as it is.
      </p>
      <p role="status" class={trouble === null ? "good" : "bad"}>
        {trouble ?? (imported === null ? null : takenWord(description, imported))}
      </p>
      {imported === null && (
        <button type="button" aria-disabled={busy !== null} onClick={() => void take()}>
          {busy === null ? "Import from your old settings file" : "Importing…"}
        </button>
      )}
    </section>
  );
}

function noAnswer(error: unknown): Imported {
  console.error(error);
  const message = "The old settings could not be read just now. Try again, or go on without.";
  return { ok: false, message, values: {}, secrets: [] };
}

function takenWord(description: Description, { message, values, secrets }: Imported): string {
  if (message !== null) return message;
  const names = labels(description, [...Object.keys(values), ...secrets]);
  return `Taken over: ${names.join(", ")}. You see them on the next pages.`;
}

function labels({ steps }: Description, names: string[]): string[] {
  const fields = steps.flatMap((step) => step.fields);
  return names.map((name) => fields.find((field) => field.name === name)?.label ?? name);
}

/** "A", "A and B", "A, B and 3 more" */
function listed(names: string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
  if (names.length < 2) return names[0] ?? "Answers";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
