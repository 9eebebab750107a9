import { vi } from "vitest";
import type { ItemPublic } from "@/client";
import { client } from "@/client/client.gen";

type Answer = { status?: number; body?: unknown } | "unreachable";
type Handler = (request: Request, body: unknown) => Answer | Promise<Answer>;

/** Answers what the pages ask for; keys are as in `GET /api/v1/items/`, without the query. */
export class FakeServer {
  readonly requests: string[] = [];
  readonly handlers: Record<string, Handler>;

  constructor(handlers: Record<string, Handler>) {
    this.handlers = handlers;
    // Outside of a browser a request needs a whole address.
    client.setConfig({ baseUrl: location.origin });
    vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) => this.#answer(input, init));
  }

  async #answer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request =
      input instanceof Request ? input : new Request(new URL(String(input), location.href), init);
    const key = `${request.method} ${new URL(request.url).pathname}`;
    this.requests.push(key);
    const text = await request.clone().text();
    const isJson = request.headers.get("content-type")?.includes("json");
    const answer = (await this.handlers[key]?.(request, isJson ? JSON.parse(text) : text)) ?? { status: 404 };
    if (answer === "unreachable") throw new TypeError("Failed to fetch");
    return Response.json(answer.body ?? {}, { status: answer.status ?? 200 });
  }
}

export function item(change: Partial<ItemPublic> = {}): ItemPublic {
  return {
    id: "1",
    title: "Water the plants",
    description: null,
    done: false,
    created_at: "2026-03-10T10:00:00Z",
    updated_at: "2026-03-10T10:00:00Z",
    owner_id: "me",
    ...change,
  };
}

/** A server without sign-in that keeps items, for tests of whole pages. */
export function itemServer(items: ItemPublic[]): FakeServer {
  const me = { id: "me", email: "local@localhost", full_name: null, is_active: true, is_superuser: true };
  const server = new FakeServer({
    "GET /api/v1/utils/config": () => ({
      body: { auth_required: false, needs_first_user: false, version: "1.2.3" },
    }),
    "GET /api/v1/utils/health-check/": () => ({ body: true }),
    "GET /api/v1/users/me": () => ({ body: { ...me, created_at: "2026-01-01T00:00:00Z" } }),
    "GET /api/v1/items/": (request) => {
      const query = new URL(request.url).searchParams;
      const skip = Number(query.get("skip"));
      const found = items.filter(({ title }) => title.includes(query.get("search") ?? ""));
      return { body: { data: found.slice(skip, skip + Number(query.get("limit"))), count: found.length } };
    },
    "POST /api/v1/items/": (_request, body) => {
      const created = item({
        id: `new-${items.length}`,
        created_at: new Date().toISOString(),
        ...(body as object),
      });
      items.unshift(created);
      return { status: 201, body: created };
    },
  });
  for (const { id } of items) {
    server.handlers[`PUT /api/v1/items/${id}`] = (_request, body) => {
      const known = items.find((other) => other.id === id);
      return { body: Object.assign(known ?? {}, body) };
    };
    server.handlers[`DELETE /api/v1/items/${id}`] = () => {
      items.splice(0, items.length, ...items.filter((other) => other.id !== id));
      return { body: { message: "Item deleted" } };
    };
  }
  return server;
}
