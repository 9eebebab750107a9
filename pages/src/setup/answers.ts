/** The answers as they are typed, kept apart from those that are saved. */

import type {
  AnswerValue,
  AnswerValues,
  FieldDescription,
  PageDescription,
  SetupDescription,
} from "../protocol";

/** What was typed on a page, by field. A field that is not in it has its saved answer. */
export type Draft = AnswerValues;

/** The drafts of all pages, by page. */
export type Drafts = Record<string, Draft>;

/** Returns what the field shows. A number is text while it is typed. */
export function shown(field: FieldDescription, draft: Draft): AnswerValue {
  return Object.hasOwn(draft, field.name) ? (draft[field.name] ?? null) : field.value;
}

/** Returns what a field of text shows. */
export function shownText(field: FieldDescription, draft: Draft): string {
  const value = shown(field, draft);
  return value === null ? "" : String(value);
}

/** Returns whether a saved secret stays, because nothing was typed in its place. */
export function isKept(field: FieldDescription, draft: Draft): boolean {
  return isHidden(field) && field.is_set && !Object.hasOwn(draft, field.name);
}

/** Returns whether the saved answer is never shown. A database's address may have a password. */
export function isHidden(field: FieldDescription): boolean {
  return field.type === "secret" || (field.type === "database" && field.value === null);
}

/** Returns the draft with an answer; one that equals the saved answer leaves the draft. */
export function withAnswer(draft: Draft, field: FieldDescription, value: AnswerValue): Draft {
  const { [field.name]: _, ...rest } = draft;
  const emptied = isHidden(field) && value === "";
  const same = value === field.value || (value === "" && field.value === null);
  return emptied || same ? rest : { ...draft, [field.name]: value };
}

/** Returns the draft with an empty answer, which removes the saved secret. */
export function withoutSecret(draft: Draft, field: FieldDescription): Draft {
  return { ...draft, [field.name]: "" };
}

export function isChanged(draft: Draft | undefined): boolean {
  return draft !== undefined && Object.keys(draft).length > 0;
}

/** Returns the answer of a field as it is sent. */
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

/** Returns the answers of a page as they are sent: those of its visible fields. */
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

/** Returns the pages without those whose fields are all hidden. */
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
