/** Removes what is copied along with a key by accident. */

/** Spaces, line breaks and zero-width characters. */
const BLANK = /[\s\u200b-\u200d\u2060\ufeff]/u;

export const TRIMMED = "Spaces and line breaks around it were removed.";
export const QUOTED = "It is in quotes. Remove them unless they belong to it.";

export function trimPasted(text: string): string {
  // Not by a regular expression, which takes quadratic time on long runs of spaces.
  let from = 0;
  let to = text.length;
  while (from < to && BLANK.test(text.charAt(from))) from += 1;
  while (to > from && BLANK.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** Returns a note about what was pasted, or null. */
export function pasteNote(pasted: string): string | null {
  const text = trimPasted(pasted);
  const notes = [text !== pasted && TRIMMED, /^(["'`]).+\1$/su.test(text) && QUOTED];
  return notes.filter((note) => note !== false).join(" ") || null;
}

/** Returns the value of a field after a paste over its selection. */
export function pasteInto(field: HTMLInputElement | HTMLTextAreaElement, text: string): string {
  const { value } = field;
  const from = field.selectionStart ?? value.length;
  const to = field.selectionEnd ?? value.length;
  return value.slice(0, from) + text + value.slice(to);
}
