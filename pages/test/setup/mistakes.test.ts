import { describe, expect, test } from "vitest";
import type { FieldDescription, FieldType } from "../../src/protocol";
import { mistakeIn, mistakesIn } from "../../src/setup/mistakes";
import { field } from "../../src/setup/samples";

function mistake(
  type: FieldType,
  typed: string,
  more: Partial<FieldDescription> = {},
): string | null {
  return mistakeIn(field("it", type, "It", more), { it: typed });
}

describe("an answer that is needed", () => {
  test.each([
    ["text", "This is required."],
    ["secret", "This is required."],
    ["choice", "Choose an option."],
    ["file", "Choose a file."],
    ["folder", "Choose a folder."],
  ] as const)("%s", (type, words) => {
    expect(mistakeIn(field("it", type, "It", { required: true }), {})).toBe(words);
    expect(mistakeIn(field("it", type, "It"), {})).toBeNull();
  });

  test("is there when it is stored, though nobody sees it", () => {
    const kept = field("it", "secret", "It", { required: true, is_set: true });
    expect(mistakeIn(kept, {})).toBeNull();
    expect(mistakeIn(kept, { it: "" })).toBe("This is required.");
  });

  test("is more than spaces", () => {
    expect(mistake("text", "  ", { required: true })).toBe("This is required.");
  });
});

describe("an answer of another kind", () => {
  test.each([
    ["url", "https://example.com", true],
    ["url", "http://localhost:8080/v1", true],
    ["url", "wss://example.com/live", true],
    ["url", "example.com", false],
    ["url", "https://", false],
    ["url", "https://a b.example", false],
    ["url", "javascript:alert(1)", false],
    ["email", "ada@example.com", true],
    ["email", "ada@localhost", true],
    ["email", "ada", false],
    ["email", "ada@", false],
    ["email", "a da@example.com", false],
    ["number", "12", true],
    ["number", "-1.5", true],
    ["number", "1,5", false],
    ["number", "twelve", false],
    ["number", "Infinity", false],
    ["database", "postgresql://ada:secret@host:5432/db?sslmode=require", true],
    ["database", "sqlite:///var/lib/a.db", true],
    ["database", "postgres://a,b:5432/db", true],
    ["database", "localhost", false],
    ["database", "postgresql://host/my db", false],
  ] as const)("%s %j is right: %s", (type, typed, right) => {
    expect(mistake(type, typed) === null).toBe(right);
  });

  test("a choice is one of those that there are", () => {
    const choices = [{ value: "a", label: "A", help: null }];
    expect(mistake("choice", "a", { choices })).toBeNull();
    expect(mistake("choice", "b", { choices })).toBe("Choose an option.");
  });
});

describe("a number", () => {
  test.each([
    [{ min: 1, max: 9 }, "10", "Enter a number from 1 to 9."],
    [{ min: 1 }, "0", "Enter 1 or more."],
    [{ max: 9 }, "10", "Enter 9 or less."],
    [{ min: 0, max: 1 }, "0.3", null],
    [{ min: 0 }, "-0.1", "Enter 0 or more."],
  ])("within %j is %j: %j", (limits, typed, words) => {
    expect(mistake("number", typed, limits)).toBe(words);
  });
});

describe("a pattern", () => {
  const more = { pattern: "[a-z]{3}", pattern_help: "Three small letters." };

  test("is for the whole answer, with words of its own", () => {
    expect(mistake("text", "abc", more)).toBeNull();
    expect(mistake("text", "abcd", more)).toBe("Three small letters.");
    expect(mistake("text", "a", { pattern: "b|c" })).toBe("This does not have the right format.");
  });

  test("is nothing to an empty answer", () => {
    expect(mistake("text", "", more)).toBeNull();
  });

  test("of another engine is left to it", () => {
    expect(mistake("text", "anything", { pattern: "(?P<year>[0-9]+" })).toBeNull();
  });
});

test("all mistakes are found at once", () => {
  const fields = [
    field("a", "text", "A", { required: true }),
    field("b", "email", "B"),
    field("c", "switch", "C", { required: true }),
  ];
  expect(Object.keys(mistakesIn(fields, { b: "no" }))).toEqual(["a", "b"]);
});
