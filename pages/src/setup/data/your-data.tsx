/** "Your data": backups, and all of it as one file. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../../bridge";
import type { AppIdentity, DataFeatures, Outcome } from "../../protocol";
import { type Deed, FAILED, tell, useAsking } from "../ask";
import { Saying } from "../page-fields";
import type { Said } from "../use-page";
import { BackupList } from "./backup-list";
import { ExportDialog } from "./export-dialog";
import { ImportDialog } from "./import-dialog";

/** Does one thing at a time, and says what came of it. */
export type Does = (deed: Deed, busy: string, done: string) => Promise<Outcome | null>;

type Props = {
  bridge: SetupBridge;
  app: AppIdentity;
  data: DataFeatures;
};

export function YourData({ bridge, app, data }: Props) {
  const [said, setSaid] = useState<Said | null>(null);
  const [asked, setAsked] = useState<"export" | "import" | null>(null);
  const { busy, wait, stop } = useAsking();

  const does: Does = async (deed, word, done) => {
    if (busy !== null) return null;
    setSaid(null);
    const outcome = await wait(word, () => tell(bridge, deed));
    if (outcome === null) return null;
    const words = [outcome.message, ...Object.values(outcome.fields)].filter(Boolean);
    const text = words.join(" ") || (outcome.ok ? done : FAILED);
    setSaid({ good: outcome.ok, text });
    return outcome;
  };

  return (
    <section class="card" aria-labelledby="your-data">
      <h2 class="sub" id="your-data">
        Your data
      </h2>
      {data.databases.length > 0 && (
        <BackupList bridge={bridge} app={app} names={data.databases} busy={busy} does={does} />
      )}
      <Saying said={said} busy={busy} onStop={stop} />
      <div class="actions">
        <button type="button" aria-disabled={busy !== null} onClick={() => setAsked("export")}>
          Export…
        </button>
        <button type="button" aria-disabled={busy !== null} onClick={() => setAsked("import")}>
          Import…
        </button>
      </div>
      {asked === "export" && (
        <ExportDialog bridge={bridge} app={app} does={does} onClose={() => setAsked(null)} />
      )}
      {asked === "import" && (
        <ImportDialog bridge={bridge} app={app} does={does} onClose={() => setAsked(null)} />
      )}
    </section>
  );
}
