import { describe, expect, test } from "vitest";
import type { AppStatus, JobStatus } from "../src/protocol";
import { job, samples } from "../src/samples";
import { monogram } from "../src/window/app-icon";
import { currentJob, progress, unfinished } from "../src/window/progress";
import { headline } from "../src/window/splash";
import { describe as say, stateWord, title } from "../src/window/words";

function status(phase: AppStatus["phase"], jobs: JobStatus[]): AppStatus {
  return { ...samples.starting, phase, jobs };
}

describe("what a job does", () => {
  test.each([
    [job("api", "starting"), "Starting API"],
    [job("sync_worker", "restarting"), "Restarting sync worker"],
    [job("api", "stopping"), "Closing API"],
    [job("migrate", "starting", { kind: "task" }), "Preparing data"],
    [job("migrate_db", "starting", { kind: "task" }), "Preparing database"],
    [job("download-models", "starting", { kind: "task" }), "Downloading models"],
    [job("index", "starting", { kind: "task" }), "Indexing"],
    [job("thumbnails", "starting", { kind: "task" }), "Preparing thumbnails"],
    [job("constructor", "starting", { kind: "task" }), "Preparing constructor"],
  ])("%o", (given, words) => {
    expect(say(given)).toBe(words);
  });

  test("in the list", () => {
    expect(title(job("sync_worker", "ready"))).toBe("Sync worker");
    expect(stateWord(job("migrate", "ready", { kind: "task" }))).toBe("Done");
    expect(stateWord(job("api", "failed"))).toBe("Failed");
    expect(stateWord(job("api", "failed", { optional: true }))).toBe("Not available");
  });
});

describe("progress", () => {
  test("is unknown until something is ready", () => {
    expect(progress(status("starting", []))).toBeNull();
    expect(progress(status("starting", [job("api", "starting")]))).toBeNull();
  });

  test("counts the jobs that the app needs", () => {
    const jobs = [
      job("cache", "ready"),
      job("api", "starting"),
      job("worker", "waiting", { optional: true }),
    ];
    expect(progress(status("starting", jobs))).toBe(0.5);
  });

  test("counts optional jobs when there are no others", () => {
    const jobs = [job("a", "failed", { optional: true }), job("b", "starting", { optional: true })];
    expect(progress(status("starting", jobs))).toBe(0.5);
  });

  test("counts what has ended while stopping", () => {
    expect(progress(status("stopping", [job("a", "stopped"), job("b", "stopping")]))).toBe(0.5);
  });

  test("is whole when ready", () => {
    expect(progress(status("ready", []))).toBe(1);
  });
});

describe("the current job", () => {
  test("is the needed one that has been at work longest", () => {
    const jobs = [
      job("worker", "starting", { optional: true, elapsed_ms: 900 }),
      job("cache", "starting", { elapsed_ms: 100 }),
      job("api", "restarting", { elapsed_ms: 500 }),
    ];
    expect(currentJob(status("starting", jobs))?.name).toBe("api");
  });

  test("may be an optional one", () => {
    const jobs = [job("worker", "starting", { optional: true })];
    expect(currentJob(status("starting", jobs))?.name).toBe("worker");
  });
});

test.each([
  ["starting", "Preparing data"],
  ["ready", "Ready"],
  ["stopping", "Closing Items… Waiting for cache and API"],
] as const)("headline of %s", (name, words) => {
  expect(headline(samples[name])).toBe(words);
});

test("headline without jobs names the app", () => {
  expect(headline(status("starting", []))).toBe("Starting Items");
  expect(headline(status("stopping", []))).toBe("Closing Items…");
});

test("tasks and closed services are not unfinished", () => {
  expect(unfinished(samples.stopping.jobs).map(({ name }) => name)).toEqual(["cache", "api"]);
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
