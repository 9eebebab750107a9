/** Imports a file, whose data replaces the app's. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../../bridge";
import type { AppIdentity } from "../../protocol";
import { Dialog } from "../dialog";
import { ENDING } from "./export-dialog";
import { PathInput } from "./path-input";
import type { RunAction } from "./your-data";

type Props = { bridge: SetupBridge; app: AppIdentity; run: RunAction; onClose: () => void };

export function ImportDialog({ bridge, app, run, onClose }: Props) {
  const [path, setPath] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [mistake, setMistake] = useState<string | null>(null);
  const [unagreed, setUnagreed] = useState(false);

  const submit = (event: Event) => {
    event.preventDefault();
    const missing = path.trim() === "";
    setMistake(missing ? "Choose a file." : null);
    setUnagreed(!agreed);
    if (missing) return document.getElementById("import-path")?.focus();
    if (!agreed) return document.getElementById("import-agreed")?.focus();
    onClose();
    void run(
      { op: "import-data", path: path.trim(), passphrase: passphrase === "" ? null : passphrase },
      "Importing…",
      "Imported.",
    );
  };

  return (
    <Dialog title={`Import data into ${app.name}`} onCancel={onClose}>
      <form noValidate onSubmit={submit}>
        <PathInput
          id="import-path"
          label={bridge.pick === undefined ? `File on the computer that runs ${app.name}` : "File"}
          bridge={bridge}
          request={{ kind: "file", title: "Import", extensions: [ENDING], suggested: null }}
          path={path}
          mistake={mistake}
          onPath={setPath}
        />
        <div class="field">
          <label for="import-word">Passphrase</label>
          <p class="help" id="import-word-help">
            Only if the file includes keys and passwords.
          </p>
          <input
            id="import-word"
            type="password"
            autocomplete="off"
            aria-describedby="import-word-help"
            value={passphrase}
            onInput={(event) => setPassphrase(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label class="choice" for="import-agreed">
            <input
              id="import-agreed"
              type="checkbox"
              checked={agreed}
              aria-invalid={unagreed}
              aria-describedby="import-agreed-mistake"
              onChange={(event) => setAgreed(event.currentTarget.checked)}
            />
            <span>Replace all data of {app.name} with the data in the file</span>
          </label>
          <p class="mistake" id="import-agreed-mistake" aria-live="polite">
            {unagreed && !agreed ? "Confirm that your data may be replaced." : null}
          </p>
        </div>
        <div class="actions closing">
          <span class="gap" />
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="danger">
            Import
          </button>
        </div>
      </form>
    </Dialog>
  );
}
