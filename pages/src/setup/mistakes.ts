/** Validates answers as they are typed; the app validates them again. */

import type { FieldDescription } from "../protocol";
import { type Draft, isKept, shownText } from "./answers";

/** Returns the mistake in a field, or null. */
export function mistakeIn(field: FieldDescription, draft: Draft): string | null {
  if (field.type === "switch" || isKept(field, draft)) return null;
  const text = shownText(field, draft);
  if (text.trim() === "") return field.required ? missing(field) : null;
  return wrongKind(field, text.trim()) ?? wrongShape(field, text);
}

/** Returns the mistakes in these fields, by name. */
export function mistakesIn(fields: FieldDescription[], draft: Draft): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of fields) {
    const mistake = mistakeIn(field, draft);
    if (mistake !== null) found[field.name] = mistake;
  }
  return found;
}

function missing(field: FieldDescription): string {
  switch (field.type) {
    case "choice":
      return "Choose an option.";
    case "file":
      return "Choose a file.";
    case "folder":
      return "Choose a folder.";
    default:
      return "This is required.";
  }
}

function wrongKind(field: FieldDescription, text: string): string | null {
  switch (field.type) {
    case "choice":
      return field.choices.some((choice) => choice.value === text) ? null : missing(field);
    case "url":
      return isAddress(text) ? null : "Enter a full address, such as https://example.com";
    case "email":
      return /^[^\s@]+@[^\s@]+$/u.test(text)
        ? null
        : "Enter an email address, such as name@example.com";
    case "number":
      return wrongNumber(field, text);
    case "database":
      return wrongDatabase(text);
    default:
      return null;
  }
}

function isAddress(text: string): boolean {
  try {
    const url = new URL(text);
    return !/\s/u.test(text) && /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && url.host !== "";
  } catch {
    return false;
  }
}

function wrongNumber({ min, max }: FieldDescription, text: string): string | null {
  const value = Number(text);
  if (!Number.isFinite(value)) return "Enter a number.";
  if (min !== null && max !== null && (value < min || value > max)) {
    return `Enter a number from ${min} to ${max}.`;
  }
  if (min !== null && value < min) return `Enter ${min} or more.`;
  return max !== null && value > max ? `Enter ${max} or less.` : null;
}

/** Rejects only what cannot be an address of any database. */
function wrongDatabase(text: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)) return null;
  return "Enter a full address, such as postgresql://user:password@host/name, or enter its parts.";
}

function wrongShape({ pattern, pattern_help }: FieldDescription, text: string): string | null {
  if (pattern === null) return null;
  const help = pattern_help ?? "This does not have the right format.";
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text) ? null : help;
  } catch {
    // The pattern uses syntax that JavaScript does not have; the app checks it.
    return null;
  }
}
