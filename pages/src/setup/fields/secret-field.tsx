/** A key or password: hidden, and kept when it is left empty. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { SecretStoreKind } from "../../protocol";
import { isKept, shownText } from "../answers";
import { described, type FieldProps, Frame } from "./field";
import { maskedIf } from "./masked";
import { usePaste } from "./use-paste";

/** The words for each place where secrets are kept. */
export const KEPT_IN: Record<SecretStoreKind, string> = {
  keychain: "Kept in your system's keychain.",
  file: "Kept in an encrypted file.",
  passphrase: "Kept in an encrypted file, protected by your passphrase.",
  none: "There is no safe place for it yet.",
};

export function SecretField(props: FieldProps) {
  const { id, field, draft, mistake, store, onAnswer, onRemove, onLeave } = props;
  const [visible, setVisible] = useState(false);
  const paste = usePaste(onAnswer, true);
  const text = shownText(field, draft);
  const kept = isKept(field, draft);
  const removed = field.is_set && !kept && text === "";
  const control = useControl(text.includes("\n"));

  const common = {
    id,
    autocomplete: "off",
    autocapitalize: "off" as const,
    spellcheck: false,
    placeholder: kept ? "Leave empty to keep it" : (field.placeholder ?? ""),
    value: text,
    onInput: (event: Event) => {
      paste.forget();
      onAnswer((event.currentTarget as HTMLInputElement).value);
    },
    onPaste: paste.onPaste,
    onBlur: onLeave,
    ...described(id, field, mistake),
  };

  return (
    <Frame
      id={id}
      field={field}
      mistake={mistake}
      notes={[setWord(kept, removed), removed ? null : KEPT_IN[store], paste.note]}
    >
      <div class="with-button">
        {text.includes("\n") ? (
          <textarea
            {...common}
            class={visible ? "key" : "key masked"}
            rows={4}
            ref={(element) => control(element)}
          />
        ) : (
          <input
            {...common}
            class="key"
            {...maskedIf(!visible)}
            ref={(element) => control(element)}
          />
        )}
        <button
          type="button"
          aria-label={`${visible ? "Hide" : "Show"} ${field.label}`}
          aria-controls={id}
          disabled={text === ""}
          onClick={() => setVisible(!visible)}
        >
          {visible ? "Hide" : "Show"}
        </button>
        {field.is_set && !field.required && (kept || removed) && (
          <button
            type="button"
            aria-label={`${removed ? "Keep" : "Remove"} ${field.label}`}
            onClick={() => (removed ? onAnswer("") : onRemove())}
          >
            {removed ? "Keep" : "Remove"}
          </button>
        )}
      </div>
    </Frame>
  );
}

function setWord(kept: boolean, removed: boolean): string | null {
  if (removed) return "It is removed when you save.";
  return kept ? "Already set." : null;
}

type Control = HTMLInputElement | HTMLTextAreaElement;

/** Keeps the focus when a pasted key of several lines turns the input into a text area. */
function useControl(large: boolean): (element: Control | null) => void {
  const element = useRef<Control | null>(null);
  const was = useRef(large);
  useLayoutEffect(() => {
    if (was.current === large) return;
    was.current = large;
    element.current?.focus();
    element.current?.setSelectionRange(element.current.value.length, element.current.value.length);
  }, [large]);
  return (current) => {
    if (current !== null) element.current = current;
  };
}
