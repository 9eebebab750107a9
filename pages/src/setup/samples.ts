/** Set-ups to look at and to test with. Left out of production builds. */

import type { Status, Step } from "../status";
import type { Backups, Description, Field, FieldType, SetupStep } from "./protocol";

const app = { name: "Prober", version: "0.3.0", icon: null };

export function field(name: string, type: FieldType, label: string, more: Partial<Field> = {}) {
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
    step: null,
    choices: [],
    extensions: [],
    show_if: {},
    value: null,
    is_set: false,
    ...more,
  } satisfies Field;
}

export function step(name: string, title: string, fields: Field[], more: Partial<SetupStep> = {}) {
  return {
    name,
    title,
    text: null,
    complete: false,
    has_check: false,
    check_label: null,
    fields,
    ...more,
  } satisfies SetupStep;
}

const provider = step(
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
    check_label: "Try the key",
  },
);

const database = step(
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

const notices = step("notices", "Who hears of finished runs?", [
  field("email", "email", "E-mail address", { placeholder: "name@example.com" }),
  field("parallel", "number", "Questions at the same time", {
    required: true,
    value: 4,
    min: 1,
    max: 64,
    step: 1,
  }),
]);

/** One field of each kind, some with all that a field can have. */
const everything = step("everything", "One of each", [
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
  field("ratio", "number", "Ratio", { min: 0, max: 1, step: 0.1, value: 0.3 }),
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

const wizard: Description = {
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
  steps: [provider, database, notices],
  store: { kind: "keychain", trouble: null },
  importable: null,
  data: null,
};

const trouble: NonNullable<Description["store"]["trouble"]> = {
  title: "Your keychain is locked",
  message:
    "Prober keeps your API key in your system's keychain, which did not open. Nothing is kept until you choose.",
  choices: ["retry", "file", "passphrase"],
};

const complete = (steps: SetupStep[]): SetupStep[] =>
  steps.map((one) => ({
    ...one,
    complete: true,
    fields: one.fields.map((each) => ({ ...each, is_set: true })),
  }));

const settings: Description = {
  ...wizard,
  purpose: "settings",
  welcome: null,
  done: null,
  steps: complete(wizard.steps),
  data: { databases: ["results"], can_export: true },
};

function work(name: string, state: Step["state"], more: Partial<Step> = {}): Step {
  const kind = "task";
  return {
    name,
    kind,
    state,
    optional: false,
    elapsed_ms: 0,
    progress: null,
    message: null,
    ...more,
  };
}

function status(phase: Status["phase"], steps: Step[] = []): Status {
  return { app, phase, since_ms: 500, steps, failure: null };
}

export const working = status("starting", [
  work("migrate", "ready"),
  work("import_cases", "starting", {
    progress: 0.23,
    message: "2310 of 10000 test cases",
    elapsed_ms: 4000,
  }),
  work("api", "waiting", { kind: "service" }),
]);

const failed: Status = {
  ...status("failed", working.steps),
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

type SetupSample = { description: Description; status: Status };

const during = (description: Description): SetupSample => ({
  description,
  status: status("setup"),
});

export const setupSamples = {
  setup: during(wizard),
  setup_defaults: during({ ...wizard, steps: [provider, { ...notices, complete: true }] }),
  setup_import: during({
    ...wizard,
    importable: { path: "~/prober/.env", fields: ["provider", "base_url", "api_key"] },
  }),
  setup_step: during({ ...wizard, welcome: null }),
  setup_second: during({ ...wizard, steps: [...complete([provider]), database, notices] }),
  setup_everything: during({ ...wizard, welcome: null, steps: [everything] }),
  setup_trouble: during({
    ...wizard,
    welcome: null,
    store: { kind: "none", trouble },
  }),
  setup_locked: during({
    ...wizard,
    steps: complete(wizard.steps),
    store: {
      kind: "passphrase",
      trouble: {
        title: "Prober needs your passphrase",
        message: "It opens the file with your keys.",
        choices: ["passphrase"],
      },
    },
  }),
  setup_working: { description: wizard, status: working },
  setup_done: { description: wizard, status: status("ready") },
  setup_failed: { description: wizard, status: failed },
  settings: { description: settings, status: status("ready") },
  settings_everything: {
    description: {
      ...settings,
      steps: complete([everything]),
      store: { kind: "file", trouble: null },
      data: { databases: ["results", "cache"], can_export: true },
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
        { id: "b1", at: "2026-10-02T09:15:00Z", version: "0.2.9", bytes: 912, reason: "by-hand" },
      ],
    },
    { name: "cache", backups: [] },
  ],
};
