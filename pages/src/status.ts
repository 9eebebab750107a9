/** What the shell tells the window's page. The Rust side serialises exactly these shapes. */

export type Status = {
  app: AppIdentity;
  phase: Phase;
  /** How long this phase had lasted when the status was made. */
  since_ms: number;
  /** In start order. */
  steps: Step[];
  failure: Failure | null;
};

export type AppIdentity = {
  name: string;
  version: string;
  /** A `data:` URL, or null for a monogram of the name. */
  icon: string | null;
};

/** `setup`: the wizard is shown, because answers are missing. */
export type Phase = "setup" | "starting" | "ready" | "failed" | "stopping";

export type Step = {
  /** As the manifest calls it: `api`, `migrate`. */
  name: string;
  kind: "task" | "service";
  state: StepState;
  /** The app starts without it. */
  optional: boolean;
  /** How long it had been in this state when the status was made. */
  elapsed_ms: number;
  /** How far a task's long work has come, from 0 to 1, if it tells. */
  progress: number | null;
  /** What a task tells of its work: "2310 of 10000 products". */
  message: string | null;
  /** Why it is started again, has failed, or has ended. */
  why?: string;
  /** It works again after it had ended by itself or failed. */
  back?: boolean;
};

export type StepState =
  | "waiting"
  | "starting"
  | "ready"
  | "restarting"
  | "failed"
  | "stopping"
  | "stopped";

export type Failure = {
  /** "Items could not start" */
  title: string;
  /** A sentence for a person: what happened. */
  message: string;
  /** What the person can do, one sentence each. */
  advice: string[];
  service: string | null;
  /** The last lines of the service's output; any text at all. */
  output: string[];
  /** Where the log file is. */
  log: string | null;
  /** Plain text for "Copy details". */
  details: string;
};
