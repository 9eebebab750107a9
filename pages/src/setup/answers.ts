/** What was typed so far, kept apart from what is stored. */

import type { Description, Field, SetupStep, Value, Values } from "./protocol";

/** What was typed in one step, by field. A field that is not in it is as it was stored. */
export type Draft = Values;

/** The drafts of all steps, by step. */
export type Drafts = Record<string, Draft>;

/** What the field shows: while it is typed, a number is text. */
export function shown(field: Field, draft: Draft): Value {
  return Object.hasOwn(draft, field.name) ? (draft[field.name] ?? null) : field.value;
}

/** Like `shown`, for fields that hold text. */
export function shownText(field: Field, draft: Draft): string {
  const value = shown(field, draft);
  return value === null ? "" : String(value);
}

/** Whether a secret is stored and stays, because nothing was typed in its place. */
export function isKept(field: Field, draft: Draft): boolean {
  return isHidden(field) && field.is_set && !Object.hasOwn(draft, field.name);
}

/** Whether its stored value is never shown. A database's address has a password in it. */
export function isHidden(field: Field): boolean {
  return field.type === "secret" || (field.type === "database" && field.value === null);
}

/** A draft with one more answer; an answer that changes nothing leaves it. */
export function withAnswer(draft: Draft, field: Field, value: Value): Draft {
  const { [field.name]: _, ...rest } = draft;
  const emptied = isHidden(field) && value === "";
  const same = value === field.value || (value === "" && field.value === null);
  return emptied || same ? rest : { ...draft, [field.name]: value };
}

/** Takes a stored secret away: an empty answer, not the want of one. */
export function withoutSecret(draft: Draft, field: Field): Draft {
  return { ...draft, [field.name]: "" };
}

export function isChanged(draft: Draft | undefined): boolean {
  return draft !== undefined && Object.keys(draft).length > 0;
}

/** What is sent for a field. */
export function sentValue(field: Field, draft: Draft): Value {
  if (isKept(field, draft)) return null;
  const value = shown(field, draft);
  switch (field.type) {
    case "switch":
      return value === true;
    case "number":
      return typeof value === "string" && value.trim() !== "" ? Number(value) : (value ?? "");
    case "secret":
      return value ?? "";
    default:
      return typeof value === "string" ? value.trim() : (value ?? "");
  }
}

/** The answers of a step, as they are sent: those of fields that are shown. */
export function sentValues(description: Description, step: SetupStep, drafts: Drafts): Values {
  const draft = drafts[step.name] ?? {};
  return Object.fromEntries(
    visibleFields(description, step, drafts).map((field) => [field.name, sentValue(field, draft)]),
  );
}

export function visibleFields(
  { steps }: Description,
  { fields }: SetupStep,
  drafts: Drafts,
): Field[] {
  const known = new Map(
    steps.flatMap((step) =>
      step.fields.map((field) => [field.name, { field, draft: drafts[step.name] ?? {} }] as const),
    ),
  );
  return fields.filter((field) => isVisible(field, known, []));
}

/** A step that other answers have made empty is passed over. */
export function visibleSteps(description: Description, drafts: Drafts): SetupStep[] {
  return description.steps.filter(
    (step) => step.fields.length === 0 || visibleFields(description, step, drafts).length > 0,
  );
}

type Known = ReadonlyMap<string, { field: Field; draft: Draft }>;

/** What depends on a hidden field is hidden as well. `above` ends a circle. */
function isVisible(field: Field, known: Known, above: string[]): boolean {
  return Object.entries(field.show_if).every(([name, values]) => {
    const other = known.get(name);
    if (other === undefined || above.includes(name)) return true;
    const value = sentValue(other.field, other.draft);
    const matches = values.some((wanted) => wanted === value);
    return matches && isVisible(other.field, known, [...above, field.name]);
  });
}
