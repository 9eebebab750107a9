/** Turns names from a manifest into words for people who never saw a manifest. */

/** Words with a spelling of their own. */
const SPELLINGS: Record<string, string> = {
  ai: "AI",
  api: "API",
  cpu: "CPU",
  db: "database",
  gpu: "GPU",
  http: "HTTP",
  llm: "LLM",
  ml: "ML",
  pdf: "PDF",
  sql: "SQL",
  ui: "UI",
};

/** Returns "sync worker" for `sync-worker`, `sync_worker` and `syncWorker`, and "API" for `api`. */
export function humanise(name: string): string {
  const words = splitWords(name);
  return words.length === 0 ? name : words.map(spell).join(" ");
}

/** Returns "Sync worker" for "sync worker"; "API" stays. */
export function capitalise(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length);
}

/** Returns "A", "A and B", or "A, B and 3 more" when there are more than `most` names. */
export function listed(names: string[], most = 4): string {
  const shown = names.length > most ? names.slice(0, most - 1) : names.slice(0, -1);
  const last = names.length > most ? `${names.length - shown.length} more` : (names.at(-1) ?? "");
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** Returns the lower-case words of a name, whichever way they are joined. */
export function splitWords(name: string): string[] {
  return name
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .split(/[\s._/:-]+/u)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

export function spell(word: string): string {
  return Object.hasOwn(SPELLINGS, word) ? (SPELLINGS[word] as string) : word;
}
