/** The section of Settings about the user's data: backups, export and import. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../../bridge";
import type { AppIdentity, DataFeatures, Outcome } from "../../protocol";
import { StatusLine } from "../page-fields";
import { type ActionRequest, FAILED, perform, usePending } from "../requests";
import type { Message } from "../use-page";
import { BackupList } from "./backup-list";
import { ExportDialog } from "./export-dialog";
import { ImportDialog } from "./import-dialog";

/** Runs one request at a time, and shows its outcome. */
export type RunAction = (
  request: ActionRequest,
  busy: string,
  done: string,
) => Promise<Outcome | null>;

type Props = {
  bridge: SetupBridge;
  app: AppIdentity;
  data: DataFeatures;
};

export function YourData({ bridge, app, data }: Props) {
  const [message, setMessage] = useState<Message | null>(null);
  const [asked, setAsked] = useState<"export" | "import" | null>(null);
  const { busy, wait, stop } = usePending();

  const run: RunAction = async (request, word, done) => {
    if (busy !== null) return null;
    setMessage(null);
    const outcome = await wait(word, () => perform(bridge, request));
    if (outcome === null) return null;
    const words = [outcome.message, ...Object.values(outcome.fields)].filter(Boolean);
    const text = words.join(" ") || (outcome.ok ? done : FAILED);
    setMessage({ good: outcome.ok, text });
    return outcome;
  };

  return (
    <section class="card" aria-labelledby="your-data">
      <h2 class="sub" id="your-data">
        Your data
      </h2>
      {data.databases.length > 0 && (
        <BackupList bridge={bridge} app={app} names={data.databases} busy={busy} run={run} />
      )}
      <StatusLine message={message} busy={busy} onStop={stop} />
      <div class="actions">
        <button type="button" aria-disabled={busy !== null} onClick={() => setAsked("export")}>
          Export…
        </button>
        <button type="button" aria-disabled={busy !== null} onClick={() => setAsked("import")}>
          Import…
        </button>
      </div>
      {asked === "export" && (
        <ExportDialog bridge={bridge} app={app} run={run} onClose={() => setAsked(null)} />
      )}
      {asked === "import" && (
        <ImportDialog bridge={bridge} app={app} run={run} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}
