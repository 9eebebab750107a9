/** The server answered, and said no. */
export class ApiError extends Error {
  readonly status: number;
  /** What is wrong with which field, where the server named fields. */
  readonly fields: Readonly<Record<string, string>>;
  /** What else it said. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const { message, fields } = explain(status, body);
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
    this.body = body;
  }
}

/** The server could not be reached, or is not ready; asking again will help. */
export class ConnectionError extends Error {
  constructor() {
    super("The app is not answering at the moment.");
    this.name = "ConnectionError";
  }
}

/** Statuses with which a proxy says that nobody is behind it just now. */
const awayStatuses = new Set([502, 503, 504]);

export function isAway(status: number): boolean {
  return awayStatuses.has(status);
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof ConnectionError) return error.message;
  return "Something went wrong.";
}

const messages: Readonly<Record<number, string>> = {
  401: "Please sign in again.",
  403: "You are not allowed to do this.",
  404: "This is no longer there.",
  409: "This was changed elsewhere in the meantime.",
  413: "This is too large.",
  422: "Some fields need another look.",
};

type Explanation = { message: string; fields: Record<string, string> };

function explain(status: number, body: unknown): Explanation {
  const detail = isRecord(body) ? body.detail : undefined;
  if (typeof detail === "string" && detail) return { message: detail, fields: {} };
  const fallback = messages[status] ?? (status >= 500 ? "The app ran into a problem." : "This did not work.");
  if (!Array.isArray(detail)) return { message: fallback, fields: {} };
  const fields = Object.fromEntries(detail.flatMap(fieldProblem));
  const only = Object.values(fields);
  return { message: only.length === 1 && only[0] ? only[0] : fallback, fields };
}

/** Turns `{loc: ["body", "title"], msg}` into `["title", msg]`. */
function fieldProblem(problem: unknown): [string, string][] {
  if (!isRecord(problem) || !Array.isArray(problem.loc) || typeof problem.msg !== "string") return [];
  const field = problem.loc.at(-1);
  return typeof field === "string" ? [[field, problem.msg.replace(/^Value error, /, "")]] : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
