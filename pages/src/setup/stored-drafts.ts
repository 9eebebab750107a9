/** Keeps what was typed over a reload, but never a secret. */

import type { AnswerValue, FieldDescription, SetupDescription } from "../protocol";
import type { Draft, Drafts } from "./answers";

const PREFIX = "ensconce-draft:";

export function storeDrafts(description: SetupDescription, drafts: Drafts): void {
  const kept: Drafts = {};
  for (const page of description.pages) {
    const draft = drafts[page.name] ?? {};
    const harmless = page.fields.filter(
      (field) => Object.hasOwn(draft, field.name) && mayBeKept(field, draft[field.name] ?? null),
    );
    if (harmless.length > 0) {
      kept[page.name] = Object.fromEntries(
        harmless.map((field) => [field.name, draft[field.name] ?? null]),
      );
    }
  }
  try {
    sessionStorage.setItem(key(description), JSON.stringify(kept));
  } catch {
    // Without storage, or with a full one, a reload loses what was typed; nothing else does.
  }
}

/** Returns what was kept, as far as it still fits the fields. */
export function storedDrafts(description: SetupDescription): Drafts {
  const found = read(key(description));
  const drafts: Drafts = {};
  for (const page of description.pages) {
    const draft = found[page.name] ?? {};
    const fitting = page.fields.filter((field) => fits(field, draft));
    if (fitting.length > 0) {
      drafts[page.name] = Object.fromEntries(
        fitting.map((field) => [field.name, draft[field.name] ?? null]),
      );
    }
  }
  return drafts;
}

export function forgetDrafts(description: SetupDescription): void {
  try {
    sessionStorage.removeItem(key(description));
  } catch {
    // There was no storage to keep anything in.
  }
}

/** Addresses may have a password in them. */
function mayBeKept(field: FieldDescription, value: AnswerValue): boolean {
  if (field.type === "secret" || field.type === "database") return false;
  return !(typeof value === "string" && /:\/\/[^/]*@/.test(value));
}

function fits(field: FieldDescription, draft: Draft): boolean {
  const value = Object.hasOwn(draft, field.name) ? (draft[field.name] ?? null) : null;
  if (value === null || !mayBeKept(field, value)) return false;
  if (field.type === "switch") return typeof value === "boolean";
  if (typeof value !== "string") return false;
  return field.type !== "choice" || field.choices.some((choice) => choice.value === value);
}

function key({ app, purpose }: SetupDescription): string {
  return `${PREFIX}${purpose}:${app.name}`;
}

function read(name: string): Drafts {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(name) ?? "{}");
    if (typeof found !== "object" || found === null) return {};
    const drafts = Object.entries(found).filter(
      ([, draft]) => typeof draft === "object" && draft !== null,
    );
    return Object.fromEntries(drafts) as Drafts;
  } catch {
    return {};
  }
}
