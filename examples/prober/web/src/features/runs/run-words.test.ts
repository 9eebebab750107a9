import { describe, expect, it } from "vitest";
import type { RunPublic } from "@/client";
import { expectationWords, passRate, runWords } from "@/features/runs/run-words";
import { hold, run, target } from "@/test/fake-server";

const half = { passed: 1, failed: 1 };

describe("runWords", () => {
  it.each<[string, Partial<RunPublic>, string, string]>([
    [
      "one that goes on",
      { state: "running", targets: [target(half), target({ passed: 1 })] },
      "3 of 4",
      "running",
    ],
    ["one that waits", { state: "running", targets: [target({ hold: hold() })] }, "Waiting", "waiting"],
    [
      "one of which a model waits",
      { state: "running", targets: [target({ hold: hold() }), target({ passed: 1 })] },
      "1 of 4",
      "running",
    ],
    ["a stopped one", { state: "stopped", targets: [target({ passed: 1 })] }, "Stopped at 1 of 2", "stopped"],
    ["a good one", { targets: [target({ passed: 2 })] }, "All passed", "good"],
    ["a mixed one", { targets: [target(half)] }, "1 failed", "mixed"],
    [
      "one with errors",
      { targets: [target({ failed: 1, errors: 1 })] },
      "1 failed, 1 without an answer",
      "mixed",
    ],
  ])("says of %s how it is", (_what, change, text, tone) => {
    expect(runWords(run({ cases: 2, ...change }))).toEqual({ text, tone });
  });
});

it("knows no rate before the first result", () => {
  expect(passRate(target())).toBeNull();
  expect(passRate(target({ passed: 1, failed: 2, errors: 1 }))).toBe(0.25);
});

it.each([
  ["contains", "Paris", "Contains “Paris”"],
  ["not_regex", "\\d", "Does not match \\d"],
  ["max_words", 1, "Has at most 1 word"],
  ["max_seconds", 20, "Takes at most 20 seconds"],
  ["is_json", false, "Is not JSON"],
  ["json_schema", {}, "Is JSON of the schema"],
  ["of_tomorrow", "x", "of_tomorrow “x”"],
])("says what %s of %j means", (kind, wanted, words) => {
  expect(expectationWords({ kind, wanted })).toBe(words);
});
