import type { ResultPublic, RunPublic, TargetPublic, Verdict } from "@/client";
import { countWords } from "@/lib/number-words";

/** Counts the cases of a model that have a result. */
export function doneOf({ passed, failed, errors }: TargetPublic): number {
  return passed + failed + errors;
}

/** The share of a model's results that are as expected; nothing while there are none. */
export function passRate(target: TargetPublic): number | null {
  const done = doneOf(target);
  return done === 0 ? null : target.passed / done;
}

/** Adds up all models of a run. */
export function totals(run: RunPublic) {
  const sum = (of: (target: TargetPublic) => number) =>
    run.targets.reduce((total, each) => total + of(each), 0);
  return {
    all: run.cases * run.targets.length,
    done: sum(doneOf),
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    errors: sum(({ errors }) => errors),
  };
}

export type RunTone = "running" | "waiting" | "stopped" | "good" | "mixed";

/** Says in a few words how a run is. */
export function runWords(run: RunPublic): { text: string; tone: RunTone } {
  const { all, done, passed, failed, errors } = totals(run);
  if (run.state === "running") {
    const open = run.targets.filter((target) => doneOf(target) < run.cases);
    if (open.length > 0 && open.every(({ hold }) => hold)) return { text: "Waiting", tone: "waiting" };
    return { text: `${done} of ${all}`, tone: "running" };
  }
  if (run.state === "stopped") return { text: `Stopped at ${done} of ${all}`, tone: "stopped" };
  if (passed === all) return { text: "All passed", tone: "good" };
  const parts = [failed && `${failed} failed`, errors && `${errors} without an answer`];
  return { text: parts.filter(Boolean).join(", "), tone: "mixed" };
}

const kinds: Readonly<Record<string, string>> = {
  contains: "Contains",
  not_contains: "Does not contain",
  equals: "Is exactly",
  regex: "Matches",
  not_regex: "Does not match",
  is_json: "Is JSON",
  json_schema: "Is JSON of the schema",
  min_words: "Has at least",
  max_words: "Has at most",
  max_seconds: "Takes at most",
};

/** Says what was expected of an answer. */
export function expectationWords({ kind, wanted }: Pick<Verdict, "kind" | "wanted">): string {
  if (kind === "is_json") return wanted === false ? "Is not JSON" : "Is JSON";
  if (kind === "json_schema") return "Is JSON of the schema";
  const name = kinds[kind] ?? kind;
  if (kind === "min_words" || kind === "max_words") return `${name} ${countWords(Number(wanted), "word")}`;
  if (kind === "max_seconds") return `${name} ${countWords(Number(wanted), "second")}`;
  return kind.endsWith("regex") ? `${name} ${String(wanted)}` : `${name} “${String(wanted)}”`;
}

const outcomes = { passed: "Passed", failed: "Failed", error: "No answer" } as const;

/** Says what came of a case; one without a result is open. */
export function outcomeWords(outcome: ResultPublic["outcome"] | null | undefined): string {
  return outcome ? outcomes[outcome] : "Open";
}
