import { vi } from "vitest";
import type {
  ColumnPublic,
  HoldPublic,
  ProviderPublic,
  ResultPublic,
  RunPublic,
  SuiteDetail,
  TargetPublic,
} from "@/client";
import { client } from "@/client/client.gen";
import type { LiveMessage } from "@/features/live/follow-live";

type Answer = { status?: number; body?: unknown } | "unreachable";
type Handler = (request: Request, body: unknown) => Answer | Promise<Answer>;

/** Answers what the pages ask for; keys are as in `GET /api/v1/runs/`, without the query. */
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

export function hold(change: Partial<HoldPublic> = {}): HoldPublic {
  return { kind: "key", message: "There is no key for Anthropic", until: null, ...change };
}

export function target(change: Partial<TargetPublic> = {}): TargetPublic {
  return {
    id: 1,
    provider: "anthropic",
    model: "claude-sonnet-5",
    passed: 0,
    failed: 0,
    errors: 0,
    asking: 0,
    hold: null,
    ...change,
  };
}

export function run(change: Partial<RunPublic> = {}): RunPublic {
  return {
    id: 1,
    suite_id: "short-texts",
    suite_name: "Short texts",
    state: "finished",
    created_at: new Date().toISOString(),
    finished_at: null,
    cases: 2,
    targets: [target({ passed: 2 })],
    ...change,
  };
}

export function result(change: Partial<ResultPublic> = {}): ResultPublic {
  return {
    target_id: 1,
    case_id: 1,
    outcome: "passed",
    text: "Bees Above the Streets",
    verdicts: [{ kind: "max_words", wanted: 6, passed: true, note: null }],
    input_tokens: 20,
    output_tokens: 6,
    seconds: 1.25,
    retries: 0,
    cut_off: false,
    error: null,
    ...change,
  };
}

export function column(change: Partial<ColumnPublic> = {}): ColumnPublic {
  return {
    run_id: 1,
    target_id: 1,
    suite_name: "Short texts",
    created_at: new Date().toISOString(),
    provider: "anthropic",
    model: "claude-sonnet-5",
    cases: 2,
    passed: 2,
    failed: 0,
    errors: 0,
    pass_rate: 1,
    latency_median: 1.5,
    latency_p95: 2,
    latencies: [1, 2],
    input_tokens: 1200,
    output_tokens: 90,
    cost: 0.0033,
    ...change,
  };
}

export function provider(change: Partial<ProviderPublic> = {}): ProviderPublic {
  return {
    name: "anthropic",
    label: "Anthropic",
    ready: true,
    message: "api.anthropic.com",
    models: [
      { name: "claude-sonnet-5", input: 2, output: 10 },
      { name: "claude-haiku-4-5", input: 1, output: 5 },
    ],
    ...change,
  };
}

export function suite(change: Partial<SuiteDetail> = {}): SuiteDetail {
  return {
    id: "short-texts",
    name: "Short texts",
    description: "Summaries and rewrites",
    own: false,
    cases: 2,
    problems: [],
    text: "name: Short texts\ncases:\n",
    content: [
      { name: "A title", prompt: "Give a title", expect: [{ kind: "max_words", wanted: 6 }], line: 3 },
      { name: "A no", prompt: "Write a refusal", system: "Be kind", expect: [], line: 7 },
    ],
    ...change,
  };
}

export const cases = [
  { id: 1, name: "A title", prompt: "Give a title", system: null },
  { id: 2, name: "A no", prompt: "Write a refusal", system: "Be kind" },
];

/** A server that has this much, for tests of whole pages. */
export function proberServer(runs: RunPublic[], providers = [provider()], suites = [suite()]): FakeServer {
  return new FakeServer({
    "GET /api/v1/utils/health-check/": () => ({ body: true }),
    "GET /api/v1/utils/about": () => ({ body: { version: "1.2.3" } }),
    "GET /api/v1/runs/": () => ({ body: { data: runs, count: runs.length } }),
    "GET /api/v1/runs/1": () => ({ body: runs.find(({ id }) => id === 1) }),
    "GET /api/v1/runs/1/results": () => ({ body: { cases, results: [] } }),
    "GET /api/v1/providers/": () => ({
      body: { data: providers, problem: null, models_file: "/data/models.yaml" },
    }),
    "GET /api/v1/providers/anthropic/models": () => ({
      body: { data: ["claude-of-yesterday"], message: null },
    }),
    "GET /api/v1/suites/": () => ({ body: { data: suites, folder: "/data/suites" } }),
    "GET /api/v1/suites/short-texts": () => ({ body: suites[0] }),
  });
}
