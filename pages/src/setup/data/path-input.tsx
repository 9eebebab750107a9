/** A path, chosen in the system's dialog or typed. */

import { useState } from "preact/hooks";
import type { SetupBridge } from "../../bridge";
import type { PickRequest } from "../../pick";

type Props = {
  id: string;
  label: string;
  bridge: SetupBridge;
  request: PickRequest;
  path: string;
  mistake: string | null;
  onPath: (path: string) => void;
};

export function PathInput({ id, label, bridge, request, path, mistake, onPath }: Props) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const choose = async () => {
    setTrouble(null);
    try {
      const chosen = await bridge.pick?.(request);
      if (chosen !== null && chosen !== undefined) onPath(chosen);
    } catch (error) {
      console.error(error);
      setTrouble("The dialog could not be opened. Type the path instead.");
    }
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={path}
          aria-invalid={mistake !== null}
          aria-describedby={`${id}-mistake`}
          onInput={(event) => onPath(event.currentTarget.value)}
        />
        {bridge.pick !== undefined && (
          <button type="button" aria-label={`Choose… ${label}`} onClick={() => void choose()}>
            Choose…
          </button>
        )}
      </div>
      <p class="mistake" id={`${id}-mistake`} aria-live="polite">
        {mistake ?? trouble}
      </p>
    </div>
  );
}
