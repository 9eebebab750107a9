/** What the set-up wizard and Settings ask, and what is answered. The Rust side has exactly these shapes. */

import type { AppIdentity, Status } from "../status";

/** `null` leaves what is set as it is, which is how a secret is kept; `""` is none. */
export type Value = string | number | boolean | null;

export type Values = Record<string, Value>;

export type SetupRequest =
  | { op: "describe" }
  /** Tries the answers, and stores nothing. */
  | { op: "check"; step: string; values: Values }
  /** Validates, checks and stores. */
  | { op: "save"; step: string; values: Values }
  /** Starts what waits for the answers. */
  | { op: "finish" }
  /** Takes answers from the old `.env`; secrets are taken over without being shown. */
  | { op: "import" }
  /** What to do about the keychain. */
  | { op: "store"; choice: StoreChoice; passphrase?: string }
  | { op: "backups" }
  | { op: "backup"; database: string }
  | { op: "restore"; database: string; id: string }
  | { op: "export"; path: string; passphrase: string | null }
  | { op: "import-data"; path: string; passphrase: string | null }
  /** In a browser only; the window hears of changes by itself. */
  | { op: "status" };

/** The answer to each request, by its `op`. */
export type SetupAnswers = {
  describe: Description;
  check: Outcome;
  save: Outcome;
  finish: Outcome;
  import: Imported;
  store: Outcome;
  backups: Backups;
  backup: Outcome;
  restore: Outcome;
  export: Outcome;
  "import-data": Outcome;
  status: Status;
};

export type SetupAnswer<R extends SetupRequest = SetupRequest> = SetupAnswers[R["op"]];

/** A dialog of the system, for a file to read, a folder, or a file to write. */
export type PickRequest = {
  kind: "file" | "folder" | "save";
  title: string;
  /** Without dots; none means any. */
  extensions: string[];
  suggested: string | null;
};

export type Outcome = {
  ok: boolean;
  /** A sentence for a person. */
  message: string | null;
  /** What is wrong with single fields, by name. */
  fields: Record<string, string>;
};

export type Imported = {
  ok: boolean;
  message: string | null;
  values: Values;
  /** The names of secrets that were taken over. */
  secrets: string[];
};

export type Backups = { databases: Database[] };

export type Database = { name: string; backups: Backup[] };

export type Backup = {
  id: string;
  /** ISO 8601. */
  at: string;
  /** The version of the app that made the data. */
  version: string;
  bytes: number;
  reason: "before-update" | "scheduled" | "by-hand";
};

export type Description = {
  app: AppIdentity;
  purpose: "setup" | "settings";
  welcome: Words | null;
  done: Words | null;
  steps: SetupStep[];
  store: Store;
  /** An old `.env` that was found. */
  importable: { path: string; fields: string[] } | null;
  /** The part of Settings about the user's data. */
  data: { databases: string[]; can_export: boolean } | null;
};

export type Words = { title: string; text: string };

export type SetupStep = {
  name: string;
  title: string;
  text: string | null;
  /** Its answers are stored, and nothing is missing. */
  complete: boolean;
  has_check: boolean;
  check_label: string | null;
  fields: Field[];
};

export type Store = {
  /** Where secrets are kept. */
  kind: "keychain" | "file" | "passphrase" | "none";
  trouble: { title: string; message: string; choices: StoreChoice[] } | null;
};

export type StoreChoice = "retry" | "file" | "passphrase";

export type FieldType =
  | "text"
  | "secret"
  | "url"
  | "email"
  | "number"
  | "choice"
  | "switch"
  | "file"
  | "folder"
  | "database";

export type Field = {
  name: string;
  type: FieldType;
  label: string;
  help: string | null;
  placeholder: string | null;
  required: boolean;
  /** The whole value has to match it. */
  pattern: string | null;
  pattern_help: string | null;
  min: number | null;
  max: number | null;
  step: number | null;
  choices: { value: string; label: string; help: string | null }[];
  extensions: string[];
  /** It is shown when each of these fields has one of these values. */
  show_if: Record<string, (string | boolean | number)[]>;
  /** Stored or by default; always null for what is secret. */
  value: Value;
  is_set: boolean;
};
