import { describe, expect, test } from "vitest";
import type { PageDescription, SetupDescription } from "../../src/protocol";
import {
  type Drafts,
  isChanged,
  isKept,
  sentValue,
  sentValues,
  visibleFields,
  visiblePages,
  withAnswer,
  withoutSecret,
} from "../../src/setup/answers";
import { field, page, setupSamples } from "../../src/setup/samples";
import { forgetDrafts, storeDrafts, storedDrafts } from "../../src/setup/stored-drafts";

const base: SetupDescription = setupSamples.setup.description;

function descriptionOf(...pages: PageDescription[]): SetupDescription {
  return { ...base, pages };
}

function visible(description: SetupDescription, drafts: Drafts): string[] {
  return description.pages.flatMap((one) =>
    visibleFields(description, one, drafts).map(({ name }) => name),
  );
}

describe("what is sent", () => {
  const key = field("key", "secret", "Key", { is_set: true });
  const count = field("count", "number", "Count", { value: 4 });

  test("a stored secret is left as it is", () => {
    expect(sentValue(key, {})).toBeNull();
    expect(isKept(key, {})).toBe(true);
  });

  test("a secret that was emptied again is left as it is", () => {
    expect(sentValue(key, withAnswer({ key: "typed" }, key, ""))).toBeNull();
  });

  test("a secret is taken away only on purpose", () => {
    expect(sentValue(key, withoutSecret({}, key))).toBe("");
  });

  test("a secret that never was is none", () => {
    expect(sentValue({ ...key, is_set: false }, {})).toBe("");
  });

  test("a secret keeps its spaces; an address does not", () => {
    expect(sentValue(key, { key: " a b " })).toBe(" a b ");
    expect(sentValue(field("site", "url", "Site"), { site: " https://a.example " })).toBe(
      "https://a.example",
    );
  });

  test.each([
    ["12", 12],
    ["1.5", 1.5],
    ["", ""],
  ])("a number that is typed as %j is sent as %j", (typed, sent) => {
    expect(sentValue(count, { count: typed })).toBe(sent);
  });

  test("a stored number stays one", () => {
    expect(sentValue(count, {})).toBe(4);
  });

  test("a database whose address was never told is a secret too", () => {
    const hidden = field("db", "database", "Database", { is_set: true });
    expect(sentValue(hidden, {})).toBeNull();
    expect(sentValue({ ...hidden, value: "sqlite:///a" }, {})).toBe("sqlite:///a");
  });

  test("nothing is sent for a field that is not shown", () => {
    const one = page("one", "One", [
      field("loud", "switch", "Loud", { value: false }),
      field("volume", "number", "Volume", { show_if: { loud: [true] }, value: 5 }),
    ]);
    expect(sentValues(descriptionOf(one), one, {})).toEqual({ loud: false });
    expect(sentValues(descriptionOf(one), one, { one: { loud: true } })).toEqual({
      loud: true,
      volume: 5,
    });
  });
});

describe("what has changed", () => {
  const name = field("name", "text", "Name", { value: "Ada" });

  test("an answer that is as stored is no change", () => {
    const typed = withAnswer({}, name, "Grace");
    expect(isChanged(typed)).toBe(true);
    expect(isChanged(withAnswer(typed, name, "Ada"))).toBe(false);
    expect(isChanged(undefined)).toBe(false);
  });
});

describe("what is shown", () => {
  const first = page("first", "First", [
    field("kind", "choice", "Kind", { value: "a" }),
    field("more", "switch", "More", { show_if: { kind: ["b"] }, value: true }),
  ]);
  const second = page("second", "Second", [
    field("detail", "text", "Detail", { show_if: { more: [true] } }),
  ]);
  const description = descriptionOf(first, second);

  test("follows what is typed, over pages", () => {
    expect(visible(description, {})).toEqual(["kind"]);
    expect(visible(description, { first: { kind: "b" } })).toEqual(["kind", "more", "detail"]);
    expect(visible(description, { first: { kind: "b", more: false } })).toEqual(["kind", "more"]);
  });

  test("passes over a page that has nothing left to ask", () => {
    expect(visiblePages(description, {}).map(({ name }) => name)).toEqual(["first"]);
    expect(visiblePages(description, { first: { kind: "b" } })).toHaveLength(2);
  });
});

describe("what is kept over a reload", () => {
  const all = page("all", "All", [
    field("name", "text", "Name"),
    field("key", "secret", "Key"),
    field("db", "database", "Database"),
    field("site", "url", "Site"),
    field("loud", "switch", "Loud"),
    field("kind", "choice", "Kind", { choices: [{ value: "a", label: "A", help: null }] }),
  ]);
  const description = descriptionOf(all);

  test("is no secret, nor an address with a password", () => {
    const typed = {
      name: "Ada",
      key: "MARKED-1",
      db: "postgresql://ada:MARKED-2@host/db",
      site: "https://ada:MARKED-3@host/",
      loud: true,
    };
    storeDrafts(description, { all: typed });
    expect(JSON.stringify({ ...sessionStorage })).not.toContain("MARKED");
    expect(storedDrafts(description)).toEqual({ all: { name: "Ada", loud: true } });
  });

  test("is left out where it does not fit any more", () => {
    storeDrafts(description, { all: { name: "Ada", kind: "a" } });
    const now = page("all", "All", [
      field("name", "switch", "Name"),
      field("kind", "choice", "Kind", { choices: [{ value: "b", label: "B", help: null }] }),
    ]);
    expect(storedDrafts(descriptionOf(now))).toEqual({});
  });

  test("is forgotten in the end", () => {
    storeDrafts(description, { all: { name: "Ada" } });
    forgetDrafts(description);
    expect(storedDrafts(description)).toEqual({});
  });

  test.each(["", "null", "[]", "7", '{"all":3}', '{"all":{"name":{"x":1}}}'])(
    "may be anything: %j",
    (found) => {
      sessionStorage.setItem("ensconce-draft:setup:Prober", found);
      expect(storedDrafts(description)).toEqual({});
    },
  );
});
