/**
 * What the pages and the app send each other.
 *
 * Made from `crates/protocol` by `UPDATE_TYPES=1 cargo nextest run -p ensconce-protocol`.
 */

/** `null` leaves what is set as it is, which is how a secret is kept; `""` is none. */
export type AnswerValue = string | number | boolean | null;

export type AnswerValues = Record<string, AnswerValue>;

/**
 * The state of an app.
 */
export type AppStatus = { 
/**
 * Who the app is.
 */
app: AppIdentity, 
/**
 * What it is doing.
 */
phase: AppPhase, 
/**
 * How long it has been doing that, in milliseconds.
 */
since_ms: number, 
/**
 * Its tasks and services, in the order of their start.
 */
jobs: Array<JobStatus>, 
/**
 * Why it failed; only in [`AppPhase::Failed`].
 */
failure: FailureReport | null, };

/**
 * Who an app is.
 */
export type AppIdentity = { 
/**
 * The name that people see.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Its icon, as a `data:` URL.
 */
icon: string | null, };

/**
 * What an app is doing.
 */
export type AppPhase = "starting" | "setup" | "ready" | "failed" | "stopping";

/**
 * The state of a task or service.
 */
export type JobStatus = { 
/**
 * Its name in the manifest.
 */
name: string, 
/**
 * Whether it ends by itself.
 */
kind: JobKind, 
/**
 * What it is doing.
 */
state: JobState, 
/**
 * Whether the app goes on without it.
 */
optional: boolean, 
/**
 * How long it has been doing that, in milliseconds.
 */
elapsed_ms: number, 
/**
 * Its process, while it has one.
 */
pid: number | null, 
/**
 * Why it is started again, has failed, or has ended.
 */
reason: string | null, 
/**
 * Whether it works again after it had ended by itself or failed.
 */
recovered: boolean, 
/**
 * How far a task's work has come, from 0 to 1, if the task says so.
 */
progress: number | null, 
/**
 * What a task says that it is doing: `2310 of 10000 products`.
 */
message: string | null, };

/**
 * Whether a job ends by itself.
 */
export type JobKind = "task" | "service";

/**
 * What a task or service is doing.
 */
export type JobState = "waiting" | "starting" | "ready" | "restarting" | "failed" | "stopping" | "stopped";

/**
 * Why an app failed, for the person who uses it.
 */
export type FailureReport = { 
/**
 * A headline: `Items could not start`.
 */
title: string, 
/**
 * What happened, in a sentence.
 */
message: string, 
/**
 * What the person can do, one sentence each.
 */
advice: Array<string>, 
/**
 * The task or service that failed.
 */
service: string | null, 
/**
 * Its last lines of output.
 */
output: Array<string>, 
/**
 * The path of its log file.
 */
log: string | null, 
/**
 * Everything, as text to pass on.
 */
details: string, };

/**
 * A request. It may hold secrets, so that its `Debug` output only names it.
 */
export type AppRequest = { "op": "status" } | { "op": "describe" } | { "op": "check", 
/**
 * The page's name.
 */
page: string, 
/**
 * The answers, by the names of their fields. `null` leaves a secret as it is.
 */
values: AnswerValues, } | { "op": "save", 
/**
 * The page's name.
 */
page: string, 
/**
 * As in [`AppRequest::Check`].
 */
values: AnswerValues, } | { "op": "finish" } | { "op": "import-settings" } | { "op": "store", 
/**
 * What is done.
 */
choice: StoreChoice, 
/**
 * The passphrase, for a store that has one.
 */
passphrase?: string, } | { "op": "backups" } | { "op": "backup", 
/**
 * The database's name.
 */
database: string, } | { "op": "restore", 
/**
 * The database's name.
 */
database: string, 
/**
 * The backup.
 */
id: string, } | { "op": "export", 
/**
 * The file.
 */
path: string, 
/**
 * With one, secrets go along, encrypted by it.
 */
passphrase: string | null, } | { "op": "import-data", 
/**
 * The file.
 */
path: string, 
/**
 * With one, the secrets in the file are taken over.
 */
passphrase: string | null, };

/**
 * Whether something was done.
 */
export type Outcome = { 
/**
 * Whether it was.
 */
ok: boolean, 
/**
 * What happened, in a sentence for people.
 */
message: string | null, 
/**
 * What is wrong with single fields, by their names.
 */
fields: Record<string, string>, };

/**
 * The values of an old settings file.
 */
export type ImportedSettings = { 
/**
 * Whether there was one.
 */
ok: boolean, 
/**
 * What happened, in a sentence for people.
 */
message: string | null, 
/**
 * The values, by the names of their fields; no secret among them.
 */
values: AnswerValues, 
/**
 * The names of the secrets that it has.
 */
secrets: Array<string>, };

/**
 * All backups of an app.
 */
export type Backups = { 
/**
 * Those of each database.
 */
databases: Array<DatabaseBackups>, };

/**
 * The backups of a database.
 */
export type DatabaseBackups = { 
/**
 * The database's name.
 */
name: string, 
/**
 * Its backups, the newest first.
 */
backups: Array<Backup>, };

/**
 * A copy of a database.
 */
export type Backup = { 
/**
 * The name of its file.
 */
id: string, 
/**
 * When it was made, as RFC 3339 has it.
 */
at: string, 
/**
 * The version of the app that the data was of, where that is known.
 */
version: string | null, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Why it was made.
 */
reason: BackupReason, };

/**
 * Why a backup was made.
 */
export type BackupReason = "before-update" | "scheduled" | "manual";

/**
 * Everything that set-up and the settings show.
 */
export type SetupDescription = { 
/**
 * Who the app is.
 */
app: AppIdentity, 
/**
 * Why it is shown.
 */
purpose: Purpose, 
/**
 * Set-up's first page.
 */
welcome: Heading, 
/**
 * Set-up's last page.
 */
done: Heading, 
/**
 * The pages with questions.
 */
pages: Array<PageDescription>, 
/**
 * Where secrets are kept.
 */
store: SecretStore, 
/**
 * A settings file of an earlier way to run the app, if there is one.
 */
old_settings: OldSettings | null, 
/**
 * What can be done for the user's data, if anything can.
 */
data: DataFeatures | null, };

/**
 * Why questions are shown.
 */
export type Purpose = "setup" | "settings";

/**
 * A title and a text.
 */
export type Heading = { title: string, text: string, };

/**
 * A page of set-up, and a section of the settings.
 */
export type PageDescription = { 
/**
 * What requests call it.
 */
name: string, 
/**
 * Its heading.
 */
title: string, 
/**
 * What people should know about it.
 */
text: string | null, 
/**
 * Whether its answers are kept, and none that is needed is missing.
 */
complete: boolean, 
/**
 * Whether answers are tried before they are kept.
 */
has_check: boolean, 
/**
 * What is asked.
 */
fields: Array<FieldDescription>, };

/**
 * A question.
 */
export type FieldDescription = { 
/**
 * Its name in the manifest.
 */
name: string, 
/**
 * What kind of answer it takes.
 */
type: FieldType, 
/**
 * What it is called on the page.
 */
label: string, 
/**
 * What helps to answer it.
 */
help: string | null, 
/**
 * An example, shown while it is empty.
 */
placeholder: string | null, 
/**
 * Whether the app needs an answer.
 */
required: boolean, 
/**
 * A regular expression for the whole answer.
 */
pattern: string | null, 
/**
 * What an answer looks like, for someone who has written another one.
 */
pattern_help: string | null, 
/**
 * The smallest number.
 */
min: number | null, 
/**
 * The largest number.
 */
max: number | null, 
/**
 * The answers to choose from.
 */
choices: Array<FieldChoice>, 
/**
 * Extensions of the files to choose from, without the dot.
 */
extensions: Array<string>, 
/**
 * Other fields, and the answers with which this one is asked.
 */
show_if: Record<string, Scalar[]>, 
/**
 * The answer that is kept, or proposed; always null for a secret.
 */
value: AnswerValue, 
/**
 * Whether an answer was given.
 */
is_set: boolean, 
/**
 * The environment variable in which the app gets the answer.
 */
env: string | null, };

/**
 * What kind of answer a field takes.
 */
export type FieldType = "text" | "secret" | "url" | "email" | "number" | "choice" | "switch" | "file" | "folder" | "database";

/**
 * A value as a manifest has it.
 */
export type Scalar = string | boolean | number;

/**
 * An answer to choose.
 */
export type FieldChoice = { 
/**
 * The answer.
 */
value: string, 
/**
 * What it is called on the page.
 */
label: string, 
/**
 * What helps to choose.
 */
help: string | null, };

/**
 * Where secrets are kept.
 */
export type SecretStore = { 
/**
 * The store that is used.
 */
kind: SecretStoreKind, 
/**
 * Why it cannot be used now.
 */
trouble: StoreTrouble | null, };

/**
 * A kind of store for secrets.
 */
export type SecretStoreKind = "keychain" | "file" | "passphrase" | "none";

/**
 * Why secrets cannot be kept now, and what can be done.
 */
export type StoreTrouble = { 
/**
 * A headline.
 */
title: string, 
/**
 * What happened, in a sentence.
 */
message: string, 
/**
 * What the user can choose from.
 */
choices: Array<StoreChoice>, };

/**
 * What to do about a store that cannot be used.
 */
export type StoreChoice = "retry" | "file" | "passphrase";

/**
 * A settings file of an earlier way to run the app.
 */
export type OldSettings = { 
/**
 * Its path.
 */
path: string, 
/**
 * The labels of the fields that it has values for.
 */
fields: Array<string>, };

/**
 * What can be done for the user's data.
 */
export type DataFeatures = { 
/**
 * The names of the databases.
 */
databases: Array<string>, };

/**
 * What the page of set-up and settings gets for the token in its address.
 */
export type SetupKey = { 
/**
 * Opens the control port to this page, for as long as the app runs.
 */
key: string, };

/** The response to each request, by its `op`. */
export type AppResponses = {
  status: AppStatus;
  describe: SetupDescription;
  check: Outcome;
  save: Outcome;
  finish: Outcome;
  "import-settings": ImportedSettings;
  store: Outcome;
  backups: Backups;
  backup: Outcome;
  restore: Outcome;
  export: Outcome;
  "import-data": Outcome;
};

export type AppResponse<R extends AppRequest = AppRequest> = AppResponses[R["op"]];
