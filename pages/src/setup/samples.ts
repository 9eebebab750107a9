/** Set-ups to look at and to test with. Left out of production builds. */

import type {
  AppPhase,
  AppStatus,
  Backups,
  FieldDescription,
  FieldType,
  JobStatus,
  PageDescription,
  SetupDescription,
  StoreTrouble,
} from "../protocol";
import { job } from "../samples";

const app = { name: "Prober", version: "0.3.0", icon: null };

export function field(
  name: string,
  type: FieldType,
  label: string,
  more: Partial<FieldDescription> = {},
) {
  return {
    name,
    type,
    label,
    help: null,
    placeholder: null,
    required: false,
    pattern: null,
    pattern_help: null,
    min: null,
    max: null,
    choices: [],
    extensions: [],
    show_if: {},
    value: null,
    is_set: false,
    env: null,
    ...more,
  } satisfies FieldDescription;
}

export function page(
  name: string,
  title: string,
  fields: FieldDescription[],
  more: Partial<PageDescription> = {},
) {
  return {
    name,
    title,
    text: null,
    complete: false,
    has_check: false,
    fields,
    ...more,
  } satisfies PageDescription;
}

const provider = page(
  "provider",
  "Which models do you want to test?",
  [
    field("provider", "choice", "Provider", {
      required: true,
      value: "anthropic",
      choices: [
        { value: "anthropic", label: "Anthropic", help: null },
        { value: "openai", label: "OpenAI", help: null },
        { value: "own", label: "A server of your own", help: "Anything that speaks like OpenAI" },
      ],
    }),
    field("base_url", "url", "Address of the server", {
      required: true,
      placeholder: "https://models.example.com/v1",
      show_if: { provider: ["own"] },
    }),
    field("api_key", "secret", "API key", {
      required: true,
      help: "You find it in your account with the provider, at “API keys”.",
      pattern: "[!-~]{8,}",
      pattern_help: "A key has at least 8 letters, digits and signs, and no spaces.",
    }),
  ],
  {
    text: "Prober asks the models of one provider, with a key of yours. What they cost is billed to you.",
    has_check: true,
  },
);

const database = page(
  "database",
  "Where are the results kept?",
  [
    field("shared", "switch", "Share the results with your team", {
      help: "They are then kept in a PostgreSQL database that all of you can reach.",
      value: false,
    }),
    field("database_url", "database", "Database", {
      required: true,
      placeholder: "postgresql://user:password@host/prober",
      show_if: { shared: [true] },
    }),
  ],
  { has_check: true },
);

const notices = page("notices", "Who hears of finished runs?", [
  field("email", "email", "E-mail address", { placeholder: "name@example.com" }),
  field("parallel", "number", "Questions at the same time", {
    required: true,
    value: 4,
    min: 1,
    max: 64,
  }),
]);

/** One field of each kind, some with all that a field can have. */
const everything = page("everything", "One of each", [
  field("title", "text", "Title", {
    required: true,
    help: "Stands above every report.",
    placeholder: "Weekly report",
    pattern: "[A-Z].*",
    pattern_help: "Begin with a capital letter.",
  }),
  field("key", "secret", "Key", { is_set: true }),
  field("site", "url", "Site", { value: "https://example.com" }),
  field("mail", "email", "E-mail"),
  field("ratio", "number", "Ratio", { min: 0, max: 1, value: 0.3 }),
  field("colour", "choice", "Colour", {
    choices: [
      { value: "red", label: "Red", help: null },
      { value: "green", label: "Green", help: "Restful" },
    ],
  }),
  field("country", "choice", "Country", {
    choices: ["Denmark", "Finland", "Iceland", "Norway", "Sweden", "Åland"].map((label) => ({
      value: label.toLowerCase(),
      label,
      help: null,
    })),
  }),
  field("loud", "switch", "Make a sound", { value: true }),
  field("volume", "number", "Volume", { show_if: { loud: [true] }, min: 0, max: 11, value: 5 }),
  field("cases", "file", "Test cases", { extensions: ["yaml", "yml"] }),
  field("output", "folder", "Folder for reports", { value: "/home/ada/Reports" }),
  field("store", "database", "Database", {}),
]);

const firstRun: SetupDescription = {
  app,
  purpose: "setup",
  welcome: {
    title: "Welcome to Prober",
    text: "Prober puts the same questions to several models and shows how their answers differ.\n\nA few answers from you, and it can begin. You can change them at any time.",
  },
  done: {
    title: "All is ready",
    text: "Your first test cases are there already. You find these answers again under Settings.",
  },
  pages: [provider, database, notices],
  store: { kind: "keychain", trouble: null },
  old_settings: null,
  data: null,
};

const trouble: StoreTrouble = {
  title: "Your keychain is locked",
  message:
    "Prober keeps your API key in your system's keychain, which did not open. Nothing is kept until you choose.",
  choices: ["retry", "file", "passphrase"],
};

const complete = (pages: PageDescription[]): PageDescription[] =>
  pages.map((one) => ({
    ...one,
    complete: true,
    fields: one.fields.map((each) => ({ ...each, is_set: true })),
  }));

const settings: SetupDescription = {
  ...firstRun,
  purpose: "settings",
  pages: complete(firstRun.pages),
  data: { databases: ["results"] },
};

function status(phase: AppPhase, jobs: JobStatus[] = []): AppStatus {
  return { app, phase, since_ms: 500, jobs, failure: null };
}

export const working = status("starting", [
  job("migrate", "ready", { kind: "task" }),
  job("import_cases", "starting", {
    kind: "task",
    progress: 0.23,
    message: "2310 of 10000 test cases",
    elapsed_ms: 4000,
  }),
  job("api", "waiting"),
]);

const failed: AppStatus = {
  ...status("failed", working.jobs),
  failure: {
    title: "Prober could not start",
    message: "A part of the app (api) stopped while it was starting.",
    advice: ["Look at your answers: an address may be wrong.", "Try again."],
    service: "api",
    output: [],
    log: null,
    details: "",
  },
};

type SetupSample = { description: SetupDescription; status: AppStatus };

const during = (description: SetupDescription): SetupSample => ({
  description,
  status: status("setup"),
});

export const setupSamples = {
  setup: during(firstRun),
  setup_defaults: during({ ...firstRun, pages: [provider, { ...notices, complete: true }] }),
  setup_import: during({
    ...firstRun,
    old_settings: {
      path: "~/prober/.env",
      fields: ["Provider", "Address of the server", "API key"],
    },
  }),
  /** Left before its first page was complete. */
  setup_page: during({ ...firstRun, pages: [provider, database, ...complete([notices])] }),
  setup_second: during({ ...firstRun, pages: [...complete([provider]), database, notices] }),
  setup_everything: during({ ...firstRun, pages: [everything] }),
  setup_trouble: during({ ...firstRun, store: { kind: "none", trouble } }),
  setup_locked: during({
    ...firstRun,
    pages: complete(firstRun.pages),
    store: {
      kind: "passphrase",
      trouble: {
        title: "Prober needs your passphrase",
        message: "It opens the file with your keys.",
        choices: ["passphrase"],
      },
    },
  }),
  setup_working: { description: firstRun, status: working },
  setup_done: { description: firstRun, status: status("ready") },
  setup_failed: { description: firstRun, status: failed },
  settings: { description: settings, status: status("ready") },
  settings_everything: {
    description: {
      ...settings,
      pages: complete([everything]),
      store: { kind: "file", trouble: null },
      data: { databases: ["results", "cache"] },
    },
    status: status("ready"),
  },
  settings_trouble: {
    description: { ...settings, store: { kind: "none", trouble }, data: null },
    status: status("ready"),
  },
} satisfies Record<string, SetupSample>;

export type SetupSampleName = keyof typeof setupSamples;

export const backups: Backups = {
  databases: [
    {
      name: "results",
      backups: [
        {
          id: "b3",
          at: "2026-11-21T08:00:00Z",
          version: "0.3.0",
          bytes: 48_300_000,
          reason: "scheduled",
        },
        {
          id: "b2",
          at: "2026-11-18T16:42:00Z",
          version: "0.2.9",
          bytes: 41_000_000,
          reason: "before-update",
        },
        { id: "b1", at: "2026-10-02T09:15:00Z", version: null, bytes: 912, reason: "manual" },
      ],
    },
    { name: "cache", backups: [] },
  ],
};
