/** What is wrong with an answer, as far as it can be said without asking anyone. */

import { type Draft, isKept, shownText } from "./answers";
import type { Field } from "./protocol";

/** The mistake in a field, or null. The other side validates again; this one is sooner. */
export function mistakeIn(field: Field, draft: Draft): string | null {
  if (field.type === "switch" || isKept(field, draft)) return null;
  const text = shownText(field, draft);
  if (text.trim() === "") return field.required ? missing(field) : null;
  return wrongKind(field, text.trim()) ?? wrongShape(field, text);
}

/** The mistakes of all these fields, by name. */
export function mistakesIn(fields: Field[], draft: Draft): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of fields) {
    const mistake = mistakeIn(field, draft);
    if (mistake !== null) found[field.name] = mistake;
  }
  return found;
}

function missing(field: Field): string {
  switch (field.type) {
    case "choice":
      return "Choose one of these.";
    case "file":
      return "Choose a file.";
    case "folder":
      return "Choose a folder.";
    default:
      return "This is needed.";
  }
}

function wrongKind(field: Field, text: string): string | null {
  switch (field.type) {
    case "choice":
      return field.choices.some((choice) => choice.value === text) ? null : missing(field);
    case "url":
      return isAddress(text) ? null : "Enter the whole address, such as https://example.com";
    case "email":
      return /^[^\s@]+@[^\s@]+$/u.test(text)
        ? null
        : "Enter an e-mail address, such as name@example.com";
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

function wrongNumber({ min, max, step }: Field, text: string): string | null {
  const value = Number(text);
  if (!Number.isFinite(value)) {
    return step !== null && Number.isInteger(step)
      ? "Enter a number, such as 12"
      : "Enter a number, such as 1.5";
  }
  if (min !== null && max !== null && (value < min || value > max)) {
    return `Enter a number from ${min} to ${max}.`;
  }
  if (min !== null && value < min) return `The smallest number is ${min}.`;
  if (max !== null && value > max) return `The largest number is ${max}.`;
  return step === null || isOnStep(value - (min ?? 0), step) ? null : offStep(step, min ?? 0);
}

/** Binary fractions are never quite on a step of 0.1. */
function isOnStep(distance: number, step: number): boolean {
  if (step <= 0) return true;
  const steps = distance / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6;
}

function offStep(step: number, first: number): string {
  if (step === 1 && Number.isInteger(first)) return "Enter a whole number.";
  return `Enter ${first}, or any number from there in steps of ${step}.`;
}

/** Only what is surely none: which addresses there are is for its own kind of database to say. */
function wrongDatabase(text: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)) return null;
  return "Enter the whole address, such as postgresql://user:password@host/name, or enter its parts.";
}

function wrongShape({ pattern, pattern_help }: Field, text: string): string | null {
  if (pattern === null) return null;
  const help = pattern_help ?? "This does not look as it should.";
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text) ? null : help;
  } catch {
    // The pattern is written for another engine, which has the last word anyway.
    return null;
  }
}
