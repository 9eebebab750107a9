/** Exports all data of the app to a file; keys and passwords only on request, encrypted. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../../bridge";
import type { AppIdentity } from "../../protocol";
import { Dialog } from "../dialog";
import { mistakeInPassphrase, NewPassphrase, NO_PASSPHRASE } from "../passphrase";
import { PathInput } from "./path-input";
import type { RunAction } from "./your-data";

/** The extension of an exported file. */
export const ENDING = "ensconce";

type Props = { bridge: SetupBridge; app: AppIdentity; run: RunAction; onClose: () => void };

type Mistakes = { path?: string | null; passphrase?: string | null };

export function ExportDialog({ bridge, app, run, onClose }: Props) {
  const suggested = `${app.name} ${new Date().toISOString().slice(0, 10)}.${ENDING}`;
  const [path, setPath] = useState("");
  const [secrets, setSecrets] = useState(false);
  const [passphrase, setPassphrase] = useState(NO_PASSPHRASE);
  const [mistakes, setMistakes] = useState<Mistakes>({});

  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = {
      path: path.trim() === "" ? "Choose where to save the file." : null,
      passphrase: secrets ? mistakeInPassphrase(passphrase) : null,
    };
    setMistakes(wrong);
    if (wrong.path !== null) return document.getElementById("export-path")?.focus();
    if (wrong.passphrase !== null) return document.getElementById("export-word")?.focus();
    onClose();
    void run(
      { op: "export", path: path.trim(), passphrase: secrets ? passphrase.first : null },
      "Exporting…",
      "Exported.",
    );
  };

  return (
    <Dialog title={`Export the data of ${app.name}`} onCancel={onClose}>
      <form noValidate onSubmit={submit}>
        <PathInput
          id="export-path"
          label={bridge.pick === undefined ? `File on the computer that runs ${app.name}` : "File"}
          bridge={bridge}
          request={{ kind: "save", title: "Export", extensions: [ENDING], suggested }}
          path={path}
          mistake={mistakes.path ?? null}
          onPath={setPath}
        />
        <div class="field">
          <label class="switch" for="export-secrets">
            <span>Include keys and passwords</span>
            <input
              id="export-secrets"
              type="checkbox"
              // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox says by itself whether it is checked.
              role="switch"
              checked={secrets}
              aria-describedby="export-secrets-help"
              onChange={(event) => setSecrets(event.currentTarget.checked)}
            />
          </label>
          <p class="help" id="export-secrets-help">
            They are encrypted with a passphrase, which you need to import them.
          </p>
        </div>
        {secrets && (
          <NewPassphrase
            id="export-word"
            value={passphrase}
            mistake={mistakes.passphrase ?? null}
            onChange={setPassphrase}
          />
        )}
        <div class="actions closing">
          <span class="gap" />
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Export
          </button>
        </div>
      </form>
    </Dialog>
  );
}
