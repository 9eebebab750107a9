/** The app's control port, as far as the page of set-up and settings sees it. */

import { vi } from "vitest";
import type { AppRequest } from "../../src/protocol";
import { createSampleSetup, type SampleSetup } from "../../src/setup/sample-setup";
import type { SetupSampleName } from "../../src/setup/samples";

type Sent = { path: string; key: string | null; body: unknown; address: string };

export class ControlPort {
  /** What the page has sent, in order. */
  readonly sent: Sent[] = [];
  private readonly setup: SampleSetup;
  private tokens = new Set<string>();
  private keys = new Set<string>();
  private away = 0;

  constructor(sample: SetupSampleName = "setup_page") {
    this.setup = createSampleSetup(sample, () => {});
    vi.stubGlobal("fetch", (path: string, options: RequestInit) => this.respond(path, options));
  }

  /** Makes an address that works once. */
  newAddress(token: string): string {
    this.tokens.add(token);
    return `/setup/#token=${token}&back=http%3A%2F%2Fprober.localhost%2F`;
  }

  /** Forgets all tokens and keys, as another start of the app does. */
  restart(): void {
    this.tokens.clear();
    this.keys.clear();
  }

  /** Answers nothing for so many requests. */
  goAway(requests: number): void {
    this.away = requests;
  }

  sentTo(path: string): Sent[] {
    return this.sent.filter((sent) => sent.path === path);
  }

  private async respond(path: string, options: RequestInit): Promise<Response> {
    const key = new Headers(options.headers).get("Authorization")?.replace(/^Bearer /, "") ?? null;
    const body: unknown = JSON.parse(String(options.body));
    this.sent.push({ path, key, body, address: location.href });
    if (this.away > 0) {
      this.away -= 1;
      throw new TypeError("Failed to fetch");
    }
    if (options.method !== "POST") return new Response(null, { status: 405 });
    if (path === "session") return this.open((body as { token: string }).token);
    if (path !== "request") return new Response(null, { status: 403 });
    if (key === null || !this.keys.has(key)) return refused();
    return Response.json(await this.setup.respond(body as AppRequest));
  }

  private open(token: string): Response {
    if (!this.tokens.delete(token)) return refused();
    const key = `key-for-${token}`;
    this.keys.add(key);
    return Response.json({ key });
  }
}

function refused(): Response {
  return Response.json({ error: "The token was used before" }, { status: 401 });
}
