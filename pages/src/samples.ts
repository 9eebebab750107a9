/** Statuses to look at and to test with. Left out of production builds. */

import type { AppIdentity, AppStatus, FailureReport, JobStatus } from "./protocol";

const items: AppIdentity = { name: "Items", version: "1.2.0", icon: null };

const icon = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#0f766e"/><path d="M18 20h28M18 32h28M18 44h16" stroke="#fff" stroke-width="5" stroke-linecap="round"/></svg>`,
)}`;

export function job(
  name: string,
  state: JobStatus["state"],
  more: Partial<JobStatus> = {},
): JobStatus {
  return {
    name,
    kind: "service",
    state,
    optional: false,
    elapsed_ms: 0,
    pid: null,
    reason: null,
    recovered: false,
    progress: null,
    message: null,
    ...more,
  };
}

function starting(since_ms: number, jobs: JobStatus[]): AppStatus {
  return { app: items, phase: "starting", since_ms, jobs, failure: null };
}

const midway = [
  job("migrate", "ready", { kind: "task", elapsed_ms: 900 }),
  job("cache", "ready", { elapsed_ms: 1200 }),
  job("api", "starting", { elapsed_ms: 700 }),
  job("sync_worker", "waiting", { optional: true }),
];

export const failure: FailureReport = {
  title: "Items could not start",
  message: "A part of the app (api) stopped while it was starting.",
  advice: [
    "Try again. If it was a passing problem, this is all it takes.",
    "If it happens again, send the details to the people who made Items.",
  ],
  service: "api",
  output: [
    "INFO:     Started server process [48213]",
    "INFO:     Waiting for application startup.",
    "\u001b[31mERROR:\u001b[0m    Traceback (most recent call last):",
    '  File "/opt/items/server/app/main.py", line 41, in lifespan',
    "    await database.connect()",
    '  File "/opt/items/server/app/database.py", line 17, in connect',
    '    raise RuntimeError("the database file was made by a newer version of Items: schema 14, this version knows 12")',
    "RuntimeError: the database file was made by a newer version of Items: schema 14, this version knows 12",
    "<img src=x onerror=alert(1)><b>this is text, not HTML</b>",
    "",
    "ERROR:    Application startup failed. Exiting.",
  ],
  log: "~/.local/share/com.example.items/logs/api.log",
  details: "Items 1.2.0\nService: api\nExit code: 3\nApplication startup failed. Exiting.",
};

export const samples = {
  starting: starting(600, [
    job("migrate", "starting", { kind: "task", elapsed_ms: 500 }),
    job("cache", "starting", { elapsed_ms: 500 }),
    job("api", "waiting"),
    job("sync_worker", "waiting", { optional: true }),
  ]),
  midway: starting(1500, midway),
  icon: { ...starting(1500, midway), app: { ...items, icon } },
  slow: starting(12_000, [
    ...midway.slice(0, 2),
    job("api", "restarting", { elapsed_ms: 2500 }),
    job("sync_worker", "failed", { optional: true }),
  ]),
  ready: {
    ...starting(20, [...midway.slice(0, 2), job("api", "ready"), job("sync_worker", "ready")]),
    phase: "ready",
  },
  many: {
    ...starting(
      4000,
      Array.from({ length: 14 }, (_, i) =>
        job(`very_long_worker_name_number_${i + 1}`, i < 5 ? "ready" : "starting"),
      ),
    ),
    app: {
      ...items,
      name: "An application with a remarkably long name that does not fit on one line",
    },
  },
  stopping: {
    ...starting(1500, [
      job("migrate", "stopped", { kind: "task" }),
      job("cache", "ready"),
      job("api", "stopping", { elapsed_ms: 1500 }),
      job("sync_worker", "stopped"),
    ]),
    phase: "stopping",
  },
  failed: {
    app: items,
    phase: "failed",
    since_ms: 100,
    jobs: [...midway.slice(0, 2), job("api", "failed"), job("sync_worker", "stopped")],
    failure,
  },
  failed_brief: {
    app: items,
    phase: "failed",
    since_ms: 100,
    jobs: [],
    failure: {
      title: "Items could not start",
      message: "There is no space left on the disk.",
      advice: ["Free some space, then try again."],
      service: null,
      output: [],
      log: null,
      details: "No space left on device",
    },
  },
} satisfies Record<string, AppStatus>;

export type SampleName = keyof typeof samples;
