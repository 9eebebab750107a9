/** Notices to look at, by kind. Left out of production builds. */

export function sampleNotice(kind: string) {
  return {
    kind,
    app: "Items",
    service: ["unavailable", "failed", "bad_gateway"].includes(kind) ? "api" : null,
    retry_ms: ["starting", "unavailable"].includes(kind) ? 60_000 : null,
    target: kind === "blocked" ? "https://fonts.example.com/css?family=Inter" : null,
  };
}
