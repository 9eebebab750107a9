/** What comes with a copied key and does not belong to it. */

/** Spaces, line breaks and marks without a width. */
const BLANK = /[\s\u200b-\u200d\u2060\ufeff]/u;

export const TRIMMED = "Spaces and line breaks around it were removed.";
export const QUOTED = "It is in quotes. Remove them unless they belong to it.";

export function trimPasted(text: string): string {
  // Not by one expression for the end, which looks at each run of spaces again and again.
  let from = 0;
  let to = text.length;
  while (from < to && BLANK.test(text.charAt(from))) from += 1;
  while (to > from && BLANK.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** What to say about what was pasted, if anything. */
export function pasteNote(pasted: string): string | null {
  const text = trimPasted(pasted);
  const notes = [text !== pasted && TRIMMED, /^(["'`]).+\1$/su.test(text) && QUOTED];
  return notes.filter((note) => note !== false).join(" ") || null;
}

/** The value of a field after a paste into what is selected in it. */
export function pasteInto(field: HTMLInputElement | HTMLTextAreaElement, text: string): string {
  const { value } = field;
  const from = field.selectionStart ?? value.length;
  const to = field.selectionEnd ?? value.length;
  return value.slice(0, from) + text + value.slice(to);
}
