import { describe, expect, test } from "vitest";
import type { Status, Step } from "../src/bridge";
import { samples } from "../src/samples";
import { monogram } from "../src/window/app-icon";
import { currentStep, progress, unfinished } from "../src/window/progress";
import { headline } from "../src/window/splash";
import { describe as say, stateWord, title } from "../src/window/words";

function step(name: string, state: Step["state"], more: Partial<Step> = {}): Step {
  const untold = { progress: null, message: null };
  return { name, kind: "service", state, optional: false, elapsed_ms: 0, ...untold, ...more };
}

function status(phase: Status["phase"], steps: Step[]): Status {
  return { ...samples.starting, phase, steps };
}

describe("what a step does", () => {
  test.each([
    [step("api", "starting"), "Starting API"],
    [step("sync_worker", "restarting"), "Starting sync worker again"],
    [step("api", "stopping"), "Closing API"],
    [step("migrate", "starting", { kind: "task" }), "Preparing data"],
    [step("migrate_db", "starting", { kind: "task" }), "Preparing database"],
    [step("download-models", "starting", { kind: "task" }), "Downloading models"],
    [step("index", "starting", { kind: "task" }), "Indexing"],
    [step("thumbnails", "starting", { kind: "task" }), "Preparing thumbnails"],
    [step("constructor", "starting", { kind: "task" }), "Preparing constructor"],
  ])("%o", (given, words) => {
    expect(say(given)).toBe(words);
  });

  test("in the list", () => {
    expect(title(step("sync_worker", "ready"))).toBe("Sync worker");
    expect(stateWord(step("migrate", "ready", { kind: "task" }))).toBe("Done");
    expect(stateWord(step("api", "failed"))).toBe("Did not start");
    expect(stateWord(step("api", "failed", { optional: true }))).toBe("Left out");
  });
});

describe("progress", () => {
  test("is unknown until something is ready", () => {
    expect(progress(status("starting", []))).toBeNull();
    expect(progress(status("starting", [step("api", "starting")]))).toBeNull();
  });

  test("counts the steps that the app needs", () => {
    const steps = [
      step("cache", "ready"),
      step("api", "starting"),
      step("worker", "waiting", { optional: true }),
    ];
    expect(progress(status("starting", steps))).toBe(0.5);
  });

  test("counts optional steps when there are no others", () => {
    const steps = [
      step("a", "failed", { optional: true }),
      step("b", "starting", { optional: true }),
    ];
    expect(progress(status("starting", steps))).toBe(0.5);
  });

  test("counts what has ended while stopping", () => {
    expect(progress(status("stopping", [step("a", "stopped"), step("b", "stopping")]))).toBe(0.5);
  });

  test("is whole when ready", () => {
    expect(progress(status("ready", []))).toBe(1);
  });
});

describe("the current step", () => {
  test("is the needed one that has been at work longest", () => {
    const steps = [
      step("worker", "starting", { optional: true, elapsed_ms: 900 }),
      step("cache", "starting", { elapsed_ms: 100 }),
      step("api", "restarting", { elapsed_ms: 500 }),
    ];
    expect(currentStep(status("starting", steps))?.name).toBe("api");
  });

  test("may be an optional one", () => {
    const steps = [step("worker", "starting", { optional: true })];
    expect(currentStep(status("starting", steps))?.name).toBe("worker");
  });
});

test.each([
  ["starting", "Preparing data"],
  ["ready", "Ready"],
  ["stopping", "Closing Items… Still finishing: cache, API"],
] as const)("headline of %s", (name, words) => {
  expect(headline(samples[name])).toBe(words);
});

test("headline without steps names the app", () => {
  expect(headline(status("starting", []))).toBe("Starting Items");
  expect(headline(status("stopping", []))).toBe("Closing Items…");
});

test("tasks and closed services are not unfinished", () => {
  expect(unfinished(samples.stopping.steps).map(({ name }) => name)).toEqual(["cache", "api"]);
});

test.each([
  ["Items", "I"],
  ["field notes", "FN"],
  ["« Le Monde » 2", "LM"],
  ["東京", "東"],
  ["…", "•"],
])("monogram of %s is %s", (name, letters) => {
  expect(monogram(name)).toBe(letters);
});
