/** A line of text: plain, a web address, an email address or a number. */

import type { FieldType } from "../../protocol";
import { shownText } from "../answers";
import { described, type FieldProps, Frame } from "./field";
import { usePaste } from "./use-paste";

/** Keys of an on-screen keyboard. Not by the input's type: such inputs lose text that they reject. */
const KEYS: Partial<Record<FieldType, "url" | "email" | "decimal">> = {
  url: "url",
  email: "email",
  number: "decimal",
};

export function TextField({ id, field, draft, mistake, onAnswer, onLeave }: FieldProps) {
  const paste = usePaste(onAnswer);
  return (
    <Frame id={id} field={field} mistake={mistake} notes={[paste.note]}>
      <input
        id={id}
        class={field.type === "number" ? "short" : ""}
        type="text"
        inputMode={KEYS[field.type] ?? "text"}
        autocomplete="off"
        spellcheck={false}
        placeholder={field.placeholder ?? ""}
        value={shownText(field, draft)}
        onInput={(event) => {
          paste.forget();
          onAnswer(event.currentTarget.value);
        }}
        onPaste={paste.onPaste}
        onBlur={onLeave}
        {...described(id, field, mistake)}
      />
    </Frame>
  );
}
