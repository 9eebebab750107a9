/** Keeps what was typed over a reload or a closed window, but never a secret. */

import type { Draft, Drafts } from "./answers";
import type { Description, Field, Value } from "./protocol";

const PREFIX = "ensconce-draft:";

export function keep(description: Description, drafts: Drafts): void {
  const kept: Drafts = {};
  for (const step of description.steps) {
    const draft = drafts[step.name] ?? {};
    const harmless = step.fields.filter(
      (field) => Object.hasOwn(draft, field.name) && mayBeKept(field, draft[field.name] ?? null),
    );
    if (harmless.length > 0) {
      kept[step.name] = Object.fromEntries(
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

/** What was kept, as far as it still fits the fields. */
export function kept(description: Description): Drafts {
  const found = read(key(description));
  const drafts: Drafts = {};
  for (const step of description.steps) {
    const draft = found[step.name] ?? {};
    const fitting = step.fields.filter((field) => fits(field, draft));
    if (fitting.length > 0) {
      drafts[step.name] = Object.fromEntries(
        fitting.map((field) => [field.name, draft[field.name] ?? null]),
      );
    }
  }
  return drafts;
}

export function forget(description: Description): void {
  try {
    sessionStorage.removeItem(key(description));
  } catch {
    // There was no storage to keep anything in.
  }
}

/** Addresses may have a password in them. */
function mayBeKept(field: Field, value: Value): boolean {
  if (field.type === "secret" || field.type === "database") return false;
  return !(typeof value === "string" && /:\/\/[^/]*@/.test(value));
}

function fits(field: Field, draft: Draft): boolean {
  const value = Object.hasOwn(draft, field.name) ? (draft[field.name] ?? null) : null;
  if (value === null || !mayBeKept(field, value)) return false;
  if (field.type === "switch") return typeof value === "boolean";
  if (typeof value !== "string") return false;
  return field.type !== "choice" || field.choices.some((choice) => choice.value === value);
}

function key({ app, purpose }: Description): string {
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
