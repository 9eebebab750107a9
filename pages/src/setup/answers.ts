/** What was typed so far, kept apart from what is stored. */

import type {
  AnswerValue,
  AnswerValues,
  FieldDescription,
  PageDescription,
  SetupDescription,
} from "../protocol";

/** What was typed in one page, by field. A field that is not in it is as it was stored. */
export type Draft = AnswerValues;

/** The drafts of all pages, by page. */
export type Drafts = Record<string, Draft>;

/** What the field shows: while it is typed, a number is text. */
export function shown(field: FieldDescription, draft: Draft): AnswerValue {
  return Object.hasOwn(draft, field.name) ? (draft[field.name] ?? null) : field.value;
}

/** Like `shown`, for fields that hold text. */
export function shownText(field: FieldDescription, draft: Draft): string {
  const value = shown(field, draft);
  return value === null ? "" : String(value);
}

/** Whether a secret is stored and stays, because nothing was typed in its place. */
export function isKept(field: FieldDescription, draft: Draft): boolean {
  return isHidden(field) && field.is_set && !Object.hasOwn(draft, field.name);
}

/** Whether its stored value is never shown. A database's address has a password in it. */
export function isHidden(field: FieldDescription): boolean {
  return field.type === "secret" || (field.type === "database" && field.value === null);
}

/** A draft with one more answer; an answer that changes nothing leaves it. */
export function withAnswer(draft: Draft, field: FieldDescription, value: AnswerValue): Draft {
  const { [field.name]: _, ...rest } = draft;
  const emptied = isHidden(field) && value === "";
  const same = value === field.value || (value === "" && field.value === null);
  return emptied || same ? rest : { ...draft, [field.name]: value };
}

/** Takes a stored secret away: an empty answer, not the want of one. */
export function withoutSecret(draft: Draft, field: FieldDescription): Draft {
  return { ...draft, [field.name]: "" };
}

export function isChanged(draft: Draft | undefined): boolean {
  return draft !== undefined && Object.keys(draft).length > 0;
}

/** What is sent for a field. */
export function sentValue(field: FieldDescription, draft: Draft): AnswerValue {
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

/** The answers of a page, as they are sent: those of fields that are shown. */
export function sentValues(
  description: SetupDescription,
  page: PageDescription,
  drafts: Drafts,
): AnswerValues {
  const draft = drafts[page.name] ?? {};
  return Object.fromEntries(
    visibleFields(description, page, drafts).map((field) => [field.name, sentValue(field, draft)]),
  );
}

export function visibleFields(
  { pages }: SetupDescription,
  { fields }: PageDescription,
  drafts: Drafts,
): FieldDescription[] {
  const known = new Map(
    pages.flatMap((page) =>
      page.fields.map((field) => [field.name, { field, draft: drafts[page.name] ?? {} }] as const),
    ),
  );
  return fields.filter((field) => isVisible(field, known));
}

/** A page that other answers have made empty is passed over. */
export function visiblePages(description: SetupDescription, drafts: Drafts): PageDescription[] {
  return description.pages.filter(
    (page) => page.fields.length === 0 || visibleFields(description, page, drafts).length > 0,
  );
}

type Known = ReadonlyMap<string, { field: FieldDescription; draft: Draft }>;

/** What depends on a hidden field is hidden as well. The manifest has no cycles of conditions. */
function isVisible(field: FieldDescription, known: Known): boolean {
  return Object.entries(field.show_if).every(([name, wanted]) => {
    const other = known.get(name);
    if (other === undefined) return true;
    const value = sentValue(other.field, other.draft);
    return wanted.some((one) => one === value) && isVisible(other.field, known);
  });
}
