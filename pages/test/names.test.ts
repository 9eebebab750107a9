import { describe, expect, test } from "vitest";
import { capitalise, humanise, listed } from "../src/names";

describe("humanise", () => {
  test.each([
    ["api", "API"],
    ["db", "database"],
    ["sync-worker", "sync worker"],
    ["sync_worker", "sync worker"],
    ["syncWorker", "sync worker"],
    ["pdf.render", "PDF render"],
    ["cache2", "cache2"],
    ["Übersicht", "übersicht"],
    ["constructor", "constructor"],
    ["---", "---"],
    ["", ""],
  ])("%s is %s", (name, words) => {
    expect(humanise(name)).toBe(words);
  });
});

test("capitalise changes the first letter only", () => {
  expect(capitalise("sync worker")).toBe("Sync worker");
  expect(capitalise("API")).toBe("API");
  expect(capitalise("écran")).toBe("Écran");
  expect(capitalise("")).toBe("");
});

test.each([
  [[], ""],
  [["A"], "A"],
  [["A", "B"], "A and B"],
  [["A", "B", "C", "D"], "A, B, C and D"],
  [["A", "B", "C", "D", "E"], "A, B, C and 2 more"],
])("%j is listed as %j", (names, words) => {
  expect(listed(names)).toBe(words);
});
