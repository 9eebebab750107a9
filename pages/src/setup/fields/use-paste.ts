/** Removes what was copied by accident from a paste, with a note. */

import { useState } from "preact/hooks";
import { pasteInto, pasteNote, trimPasted } from "../paste";

type Paste = {
  /** The note on the last paste. */
  note: string | null;
  forget: () => void;
  onPaste: (event: ClipboardEvent) => void;
};

/** With `lines`, line breaks are kept: some keys have several lines. */
export function usePaste(onAnswer: (text: string) => void, lines = false): Paste {
  const [note, setNote] = useState<string | null>(null);

  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData?.getData("text") ?? "";
    const trimmed = trimPasted(pasted);
    setNote(pasteNote(pasted));
    const hasLines = /[\r\n]/u.test(trimmed);
    if (trimmed === pasted && !(lines && hasLines)) return;
    event.preventDefault();
    const text = lines ? trimmed : trimmed.replace(/[\r\n]+/gu, "");
    insert(event.currentTarget as HTMLInputElement | HTMLTextAreaElement, text, onAnswer, lines);
  };
  return { note, forget: () => setNote(null), onPaste };
}

function insert(
  control: HTMLInputElement | HTMLTextAreaElement,
  text: string,
  onAnswer: (text: string) => void,
  lines: boolean,
): void {
  const whole = pasteInto(control, text);
  // An input has no lines; with this answer, a larger field takes its place.
  const becomesLarger = lines && control instanceof HTMLInputElement && /[\r\n]/u.test(text);
  if (!becomesLarger) {
    const caret = (control.selectionStart ?? control.value.length) + text.length;
    control.value = whole;
    control.setSelectionRange(caret, caret);
  }
  onAnswer(whole);
}
