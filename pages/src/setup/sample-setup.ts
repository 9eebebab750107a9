/** Responds to set-up and Settings as a real app would. Left out of production builds. */

import type {
  AnswerValues,
  AppRequest,
  AppResponse,
  AppStatus,
  Backups,
  ImportedSettings,
  Outcome,
  PageDescription,
  SetupDescription,
} from "../protocol";
import { backups, type SetupSampleName, setupSamples, working } from "./samples";

const DELAY_MS = import.meta.env.MODE === "test" ? 0 : 700;
const OK: Outcome = { ok: true, message: null, fields: {} };

export type SampleSetup = {
  respond<R extends AppRequest>(request: R): Promise<AppResponse<R>>;
};

/** An answer with "wrong" in it is refused, "offline" cannot be checked, "hang" never responds. */
export function createSampleSetup(
  name: SetupSampleName,
  emit: (status: AppStatus) => void,
): SampleSetup {
  let description: SetupDescription = structuredClone(setupSamples[name].description);
  let made = structuredClone(backups);

  const save = (page: string, values: AnswerValues): Outcome => {
    const outcome = tried(values);
    if (outcome.ok) description = withSaved(description, page, values);
    const restarts = outcome.ok && description.purpose === "settings";
    return restarts ? { ...outcome, message: "Restarting api" } : outcome;
  };
  const take = (): ImportedSettings => {
    description = withSaved(description, "provider", { api_key: "taken" }, false);
    const values = { provider: "own", base_url: "https://models.example.com/v1" };
    return { ok: true, message: null, values, secrets: ["api_key"] };
  };

  const responseTo = (request: AppRequest): AppResponse | null => {
    switch (request.op) {
      case "describe":
        return structuredClone(description);
      case "check":
        return hangs(request.values) ? null : tried(request.values);
      case "save":
        return hangs(request.values) ? null : save(request.page, request.values);
      case "finish":
        play(emit);
        return OK;
      case "import-settings":
        return take();
      case "store":
        if (request.choice === "retry" || request.passphrase === "wrong passphrase") {
          return { ok: false, message: "It is still locked.", fields: {} };
        }
        description = { ...description, store: { kind: request.choice, trouble: null } };
        return OK;
      case "backups":
        return made;
      case "backup":
        made = withBackup(made, request.database);
        return OK;
      case "restore":
      case "export":
        return OK;
      case "import-data":
        return request.path.endsWith(".ensconce")
          ? OK
          : { ok: false, message: "This is no file that Prober has exported.", fields: {} };
      case "status":
        return setupSamples[name].status;
    }
  };
  return {
    respond: async (request) => {
      await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
      const response = responseTo(request);
      return response === null ? new Promise(() => {}) : (response as AppResponse<typeof request>);
    },
  };
}

/** In development only; a test emits its own statuses. */
function play(emit: (status: AppStatus) => void): void {
  if (DELAY_MS === 0) return;
  for (let tenth = 0; tenth <= 10; tenth += 1) {
    const jobs = working.jobs.map((job) =>
      job.progress === null
        ? job
        : { ...job, progress: tenth / 10, message: `${tenth * 1000} of 10000 test cases` },
    );
    setTimeout(() => emit({ ...working, jobs }), tenth * 400);
  }
  setTimeout(() => emit({ ...working, phase: "ready" }), 4_500);
}

function has(values: AnswerValues, word: string): string | undefined {
  return Object.keys(values).find((name) => String(values[name]).includes(word));
}

function hangs(values: AnswerValues): boolean {
  return has(values, "hang") !== undefined;
}

function tried(values: AnswerValues): Outcome {
  const wrong = has(values, "wrong");
  if (wrong !== undefined) {
    return {
      ok: false,
      message: "The provider does not know this key.",
      fields: { [wrong]: "This key was refused. Copy it once more, all of it." },
    };
  }
  if (has(values, "offline") !== undefined) {
    const message = "The server could not be reached. Is this computer online?";
    return { ok: false, message, fields: {} };
  }
  return { ok: true, message: "It works: 14 models answer to this key.", fields: {} };
}

function withSaved(
  description: SetupDescription,
  name: string,
  values: AnswerValues,
  complete = true,
): SetupDescription {
  const saved = (page: PageDescription): PageDescription => ({
    ...page,
    complete,
    fields: page.fields.map((field) => {
      const value = Object.hasOwn(values, field.name) ? (values[field.name] ?? null) : null;
      if (value === null) return field;
      const hidden = field.type === "secret" || field.type === "database";
      return { ...field, value: hidden ? null : value, is_set: value !== "" };
    }),
  });
  const pages = description.pages.map((page) => (page.name === name ? saved(page) : page));
  return { ...description, pages };
}

function withBackup({ databases }: Backups, name: string): Backups {
  const backup = {
    id: `n${Math.random()}`,
    at: new Date().toISOString(),
    version: "0.3.0",
    bytes: 48_400_000,
    reason: "manual" as const,
  };
  return {
    databases: databases.map((database) =>
      database.name === name ? { ...database, backups: [backup, ...database.backups] } : database,
    ),
  };
}
