import { expect, test } from "vitest";
import { backupWord, bytesWord, dayWord } from "../../src/setup/data/words";
import { strengthWord } from "../../src/setup/passphrase";

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [48_300_000, "48.3 MB"],
  [999_960, "1.0 MB"],
  [123_456_789, "123 MB"],
  [1e15, "1000 TB"],
])("%d is %s", (bytes, words) => {
  expect(bytesWord(bytes)).toBe(words);
});

test("a date that is none is shown as it came", () => {
  expect(dayWord("yesterday")).toBe("yesterday");
  expect(dayWord("2026-11-21T08:00:00Z")).toContain("2026");
});

test.each([
  ["short", "At least 8 characters. Several words work best."],
  ["aaaaaaaaaaaaaaaaaa", "Weak: too few different characters."],
  ["eightchr", "Fair. Longer is better."],
  ["twelve chars", "Good."],
  ["four quiet words here", "Strong."],
])("%j: %s", (text, words) => {
  expect(strengthWord(text)).toBe(words);
});

test.each([
  ["before-update", "1.2.0", "Before an update, version 1.2.0, 912 bytes"],
  ["scheduled", null, "On schedule, 912 bytes"],
  ["manual", "", "Made by you, 912 bytes"],
] as const)("a backup of %s and version %j: %s", (reason, version, words) => {
  expect(backupWord({ id: "b", at: "", bytes: 912, reason, version })).toBe(words);
});
