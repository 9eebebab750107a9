import { vi } from "vitest";
import type { HearingPublic, LiveState, TrackPublic } from "@/client";
import { client } from "@/client/client.gen";
import type { LiveMessage } from "@/features/live/live";

type Answer = { status?: number; body?: unknown } | "unreachable";
type Handler = (request: Request, body: unknown) => Answer | Promise<Answer>;

/** Answers what the pages ask for; keys are as in `GET /api/v1/history/`, without the query. */
export class FakeServer {
  readonly requests: string[] = [];
  readonly handlers: Record<string, Handler>;

  constructor(handlers: Record<string, Handler>) {
    this.handlers = handlers;
    FakeSocket.all.length = 0;
    // Outside of a browser a request needs a whole address.
    client.setConfig({ baseUrl: location.origin });
    vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => this.#answer(input, init));
    vi.stubGlobal("WebSocket", FakeSocket);
  }

  async #answer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request =
      input instanceof Request ? input : new Request(new URL(String(input), location.href), init);
    const key = `${request.method} ${new URL(request.url).pathname}`;
    this.requests.push(key);
    const isJson = request.headers.get("content-type")?.includes("json");
    const body = isJson ? await request.clone().json() : undefined;
    const answer = (await this.handlers[key]?.(request, body)) ?? { status: 404 };
    if (answer === "unreachable") throw new TypeError("Failed to fetch");
    return Response.json(answer.body ?? {}, { status: answer.status ?? 200 });
  }

  /** Tells the page something of its own accord. */
  tell(message: LiveMessage): void {
    FakeSocket.newest().onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  static readonly all: FakeSocket[] = [];

  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (event: { data: string }) => void;

  constructor() {
    FakeSocket.all.push(this);
    queueMicrotask(() => this.onopen?.());
  }

  static newest(): FakeSocket {
    const newest = FakeSocket.all.at(-1);
    if (!newest) throw new Error("No page has connected");
    return newest;
  }

  close(): void {
    this.onclose?.();
  }
}

export function hearing(change: Partial<HearingPublic> = {}): HearingPublic {
  return {
    id: 1,
    started_at: new Date().toISOString(),
    seconds: 187,
    ongoing: false,
    peak: -6,
    source: "Microphone",
    first_time: false,
    confidence: 0.5,
    track_id: 1,
    title: "Night Train",
    artist: "Ada",
    origin: "library",
    ...change,
  };
}

export function track(change: Partial<TrackPublic> = {}): TrackPublic {
  return {
    id: 1,
    title: "Night Train",
    artist: "Ada",
    origin: "library",
    seconds: 187,
    created_at: "2026-01-01T00:00:00Z",
    times_heard: 0,
    last_heard_at: null,
    ...change,
  };
}

export function state(change: Partial<LiveState> = {}): LiveState {
  return {
    recorder: { doing: "listening", source: "Microphone", detail: null, hearing: null },
    processes: [
      { name: "valkey", status: "running", state: "ready", optional: false },
      { name: "migrate", status: "done", state: "ready", optional: false },
      { name: "api", status: "running", state: "ready", optional: false },
      { name: "recorder", status: "running", state: "ready", optional: true },
    ],
    restart_available: true,
    ...change,
  };
}

/** A server that has heard and knows this much, for tests of whole pages. */
export function recorderServer(hearings: HearingPublic[], tracks: TrackPublic[] = []): FakeServer {
  return new FakeServer({
    "GET /api/v1/utils/health-check/": () => ({ body: true }),
    "GET /api/v1/utils/about": () => ({ body: { version: "1.2.3" } }),
    "GET /api/v1/history/": () => ({ body: { data: hearings, count: hearings.length } }),
    "GET /api/v1/tracks/": () => ({ body: { data: tracks, count: tracks.length } }),
    "GET /api/v1/source/": () => ({ body: { microphone: true, queue: [] } }),
  });
}
