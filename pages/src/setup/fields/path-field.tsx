/** A file or folder, chosen in the system's dialog or typed. */

import { useState } from "preact/hooks";
import { shownText } from "../answers";
import { described, type FieldProps, Frame } from "./field";
import { usePaste } from "./use-paste";

export function PathField({ id, field, draft, mistake, pick, onAnswer, onLeave }: FieldProps) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const paste = usePaste(onAnswer);
  const kind = field.type === "folder" ? "folder" : "file";
  const path = shownText(field, draft);

  const choose = async () => {
    setTrouble(null);
    try {
      const chosen = await pick?.({
        kind,
        title: field.label,
        extensions: field.extensions,
        suggested: path === "" ? null : path,
      });
      if (chosen !== null && chosen !== undefined) onAnswer(chosen);
    } catch (error) {
      console.error(error);
      setTrouble("The dialog could not be opened. Type the path instead.");
    }
  };

  return (
    <Frame id={id} field={field} mistake={mistake} notes={[trouble, paste.note]}>
      <div class="with-button">
        <input
          id={id}
          type="text"
          autocomplete="off"
          spellcheck={false}
          placeholder={field.placeholder ?? ""}
          value={path}
          onInput={(event) => {
            paste.forget();
            onAnswer(event.currentTarget.value);
          }}
          onPaste={paste.onPaste}
          onBlur={onLeave}
          {...described(id, field, mistake)}
        />
        {pick !== undefined && (
          <button type="button" aria-label={`Choose… ${field.label}`} onClick={() => void choose()}>
            Choose…
          </button>
        )}
      </div>
    </Frame>
  );
}
