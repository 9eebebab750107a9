import { storage } from "@/lib/storage";

export type Draft = { title: string; description: string };

export const emptyDraft: Draft = { title: "", description: "" };

/** Where the text of a new item, or unsaved changes of an old one, are kept until they are saved. */
export function draftKey(itemId?: string): string {
  return itemId ? `items:draft:${itemId}` : "items:draft";
}

export function readDraft(key: string): Draft | null {
  const stored = storage.get(key);
  if (!stored) return null;
  try {
    const { title, description } = JSON.parse(stored) as Partial<Draft>;
    return { title: String(title ?? ""), description: String(description ?? "") };
  } catch {
    return null;
  }
}

export function writeDraft(key: string, draft: Draft): void {
  if (draft.title || draft.description) storage.set(key, JSON.stringify(draft));
  else storage.remove(key);
}

/** Forgets a draft once it was saved, but not what was typed after it had been sent. */
export function settleDraft(key: string, saved: Draft): void {
  const current = readDraft(key);
  if (current && sameDraft(current, saved)) storage.remove(key);
}

export function dropDraft(key: string): void {
  storage.remove(key);
}

export function sameDraft(one: Draft, other: Draft): boolean {
  return one.title === other.title && one.description === other.description;
}
