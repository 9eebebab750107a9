/** A new passphrase, typed twice. */

import { useState } from "preact/hooks";
import { maskedIf } from "./fields/masked";

export const SHORTEST = 8;

export type Passphrase = { first: string; again: string };

export const NO_PASSPHRASE: Passphrase = { first: "", again: "" };

/** Returns why it cannot be used, or null. */
export function mistakeInPassphrase({ first, again }: Passphrase): string | null {
  if ([...first].length < SHORTEST) return `Use at least ${SHORTEST} characters.`;
  return first === again ? null : "The passphrases do not match.";
}

type Props = {
  id: string;
  value: Passphrase;
  mistake: string | null;
  onChange: (value: Passphrase) => void;
};

export function NewPassphrase({ id, value, mistake, onChange }: Props) {
  const [visible, setVisible] = useState(false);
  const attributes = {
    autocomplete: "new-password" as const,
    autocapitalize: "off" as const,
    spellcheck: false,
    "aria-invalid": mistake !== null,
    "aria-required": true,
  };
  return (
    <>
      <div class="field">
        <label for={id}>Passphrase</label>
        <div class="with-button">
          <input
            {...attributes}
            {...maskedIf(!visible)}
            id={id}
            value={value.first}
            aria-describedby={`${id}-strength ${id}-mistake`}
            onInput={(event) => onChange({ ...value, first: event.currentTarget.value })}
          />
          <button
            type="button"
            aria-label={`${visible ? "Hide" : "Show"} passphrase`}
            onClick={() => setVisible(!visible)}
          >
            {visible ? "Hide" : "Show"}
          </button>
        </div>
        <p class="note" id={`${id}-strength`} aria-live="polite">
          {strengthWord(value.first)}
        </p>
      </div>
      <div class="field">
        <label for={`${id}-again`}>Repeat passphrase</label>
        <input
          {...attributes}
          {...maskedIf(!visible)}
          id={`${id}-again`}
          value={value.again}
          aria-describedby={`${id}-mistake`}
          onInput={(event) => onChange({ ...value, again: event.currentTarget.value })}
        />
        <p class="mistake" id={`${id}-mistake`} aria-live="polite">
          {mistake}
        </p>
      </div>
    </>
  );
}

/** Returns a word on its strength, which is mostly its length. */
export function strengthWord(text: string): string {
  const length = [...text].length;
  if (length < SHORTEST) return `At least ${SHORTEST} characters. Several words work best.`;
  if (new Set(text.toLowerCase()).size < 5) return "Weak: too few different characters.";
  if (length < 12) return "Fair. Longer is better.";
  return length < 16 ? "Good." : "Strong.";
}
