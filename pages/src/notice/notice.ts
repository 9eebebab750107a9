/** The data of a notice, which the gateway writes into the page. */

export type Notice = {
  kind: NoticeKind;
  app: string;
  service: string | null;
  /** When to check again, or null when the page must not reload by itself. */
  retry_ms: number | null;
  /** For `blocked`: the address that was refused. */
  target: string | null;
};

/** Stands in a sentence where the app's name would. */
export const NAMELESS = "the app";

export const NOTICE_KINDS = [
  "starting",
  "unavailable",
  "failed",
  "no_session",
  "link_used",
  "forbidden",
  "blocked",
  "not_found",
  "bad_gateway",
] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Reads the JSON in the page; whatever is missing or wrong becomes a plain failure. */
export function readNotice(json: string): Notice {
  const data = parseObject(json);
  return {
    kind: NOTICE_KINDS.find((kind) => kind === data.kind) ?? "failed",
    app: text(data.app) ?? NAMELESS,
    service: text(data.service),
    retry_ms: typeof data.retry_ms === "number" && data.retry_ms >= 0 ? data.retry_ms : null,
    target: text(data.target),
  };
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(json);
    return typeof data === "object" && data !== null ? { ...data } : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
