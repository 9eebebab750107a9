import { cleanup, screen } from "@testing-library/preact";
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backFrom } from "../../src/setup/browser/address";
import { createBrowserBridge, POLL_MS } from "../../src/setup/browser/browser-bridge";
import { openPage } from "../../src/setup/browser/open";
import { working } from "../../src/setup/samples";
import { ControlPort } from "./control-port";
import { click, heading, settle, type } from "./show";

const USED = "This address was used already";
const EXPIRED = "This page can no longer be used";
const PAGE = "Which models do you want to test?";

let port: ControlPort;

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/");
  document.body.innerHTML = '<div id="root"></div>';
  port = new ControlPort();
});

afterEach(() => {
  leave();
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function root(): HTMLElement {
  return document.getElementById("root") as HTMLElement;
}

/** What happens to the page when its tab goes elsewhere. */
function leave() {
  if (document.getElementById("root") !== null) render(null, root());
}

/** Follows an address in this tab. */
async function open(address: string) {
  leave();
  history.replaceState(null, "", address);
  openPage(root());
  await settle();
}

const reload = () => open(location.href);

async function openInNewTab(address: string) {
  sessionStorage.clear();
  await open(address);
}

describe("the first visit", () => {
  test("gets a key for the token, and uses it from then on", async () => {
    await open(port.newAddress("t0ken"));
    expect(heading()).toBe(PAGE);
    expect(port.sentTo("session")).toMatchObject([{ key: null, body: { token: "t0ken" } }]);
    const requests = port.sentTo("request");
    expect(requests.map(({ body }) => (body as { op: string }).op)).toContain("describe");
    expect(requests.every(({ key }) => key === "key-for-t0ken")).toBe(true);
  });

  test("leaves no token in the address or in the history, from the beginning on", async () => {
    const before = history.length;
    await open(port.newAddress("t0ken").replace("/#", "/?x=1#"));
    expect(location.hash).toBe("");
    expect(location.search).toBe("?x=1");
    expect(history.length).toBe(before);
    expect(port.sent.filter(({ address }) => address.includes("t0ken"))).toEqual([]);
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('"t0ken"');
  });

  test("to an app that is away for a moment can be made again", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    port.goAway(1);
    await open(port.newAddress("t0ken"));
    expect(heading()).toBe("The app is not responding");
    await click("Try again");
    expect(heading()).toBe(PAGE);
    expect(port.sentTo("session")).toHaveLength(2);
  });

  test("without a token says what to do", async () => {
    await open("/setup/");
    expect(heading()).toBe(EXPIRED);
    expect(port.sent).toEqual([]);
  });
});

describe("a reload", () => {
  test("goes on with the key", async () => {
    await open(port.newAddress("t0ken"));
    await reload();
    expect(heading()).toBe(PAGE);
    expect(port.sentTo("session")).toHaveLength(1);
  });

  test("of an app that was started again says what to do", async () => {
    await open(port.newAddress("t0ken"));
    port.restart();
    await reload();
    expect(heading()).toBe(EXPIRED);
  });
});

describe("the same address again", () => {
  test("in another tab is refused, and the page says what to do", async () => {
    const address = port.newAddress("t0ken");
    await open(address);
    await openInNewTab(address);
    expect(heading()).toBe(USED);
    expect(screen.getByRole("alert").textContent).toContain("open Settings in the app");
    expect(screen.getByRole("alert").textContent).not.toMatch(/terminal|ensconce|command/i);
    expect(document.title).toBe(USED);
    expect(location.hash).toBe("");
  });

  test("in the tab that has used it goes on", async () => {
    const address = port.newAddress("t0ken");
    await open(address);
    await open(address);
    expect(heading()).toBe(PAGE);
  });
});

test("an address of another start takes the place of the old one", async () => {
  await open(port.newAddress("old"));
  port.restart();
  await open(port.newAddress("new"));
  expect(heading()).toBe(PAGE);
  expect(port.sentTo("request").at(-1)?.key).toBe("key-for-new");
});

test("an app that is started again while the page is open says what to do", async () => {
  await open(port.newAddress("t0ken"));
  port.restart();
  await type(/^API key/, "sk-right-0001");
  await click("Next");
  expect(heading()).toBe(EXPIRED);
});

describe("without storage", () => {
  beforeEach(() => {
    vi.spyOn(globalThis, "sessionStorage", "get").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
  });

  test("the key lives as long as the page", async () => {
    await open(port.newAddress("t0ken"));
    await type(/^API key/, "sk-right-0001");
    await click("Next");
    expect(heading()).toBe("Where are the results kept?");
    expect(port.sentTo("session")).toHaveLength(1);
  });

  test("a reload says what to do", async () => {
    await open(port.newAddress("t0ken"));
    await reload();
    expect(heading()).toBe(EXPIRED);
  });
});

describe("the way back", () => {
  test("is the app's own address, over a reload as well", async () => {
    port = new ControlPort("settings");
    const replace = vi.spyOn(location, "replace").mockImplementation(() => {});
    await open(port.newAddress("t0ken"));
    await reload();
    await click("Close");
    expect(replace).toHaveBeenCalledWith("http://prober.localhost/");
  });

  test("that nobody has told is left to the person", async () => {
    port = new ControlPort("settings");
    await open(port.newAddress("t0ken").replace(/&back=.*/, ""));
    await click("Close");
    expect(heading()).toBe("You are done here");
  });

  test.each([
    ["http://127.0.0.1:4000/a?b#c", true],
    ["http://items.localhost/", true],
    ["http://[::1]:4000/", true],
    ["https://localhost/", true],
    ["https://evil.example/", false],
    ["http://127.0.0.1.evil.example/", false],
    ["http://localhost@evil.example/", false],
    ["javascript:alert(1)", false],
    ["data:text/html,x", false],
    ["http://", false],
  ])("leads to %s: %s", (address, leads) => {
    expect(backFrom(address) !== null).toBe(leads);
  });
});

const SESSION = { hasToken: true, key: async () => "k3y" };

function bridge() {
  return createBrowserBridge(SESSION, null, () => {});
}

function answering(status: number, body: unknown = {}) {
  const fetch = vi.fn(async (_url: string, _options: RequestInit) =>
    Response.json(body, { status }),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

describe("a request", () => {
  test("is posted with the key, and nothing else that a browser would add", async () => {
    const fetch = answering(200, { ok: true, message: null, fields: {} });
    expect(await bridge().send({ op: "finish" })).toEqual({ ok: true, message: null, fields: {} });
    const [url, options] = fetch.mock.calls[0] ?? [];
    expect(url).toBe("request");
    expect(new Headers(options?.headers).get("Authorization")).toBe("Bearer k3y");
    expect(options).toMatchObject({
      method: "POST",
      body: '{"op":"finish"}',
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
  });

  test("that fails can be made again", async () => {
    answering(500);
    await expect(bridge().send({ op: "describe" })).rejects.toThrow("500");
  });

  test("never has a dialog of the system", () => {
    expect(bridge().pick).toBeUndefined();
  });
});

describe("the status", () => {
  test("is asked for each second, while someone listens", async () => {
    vi.useFakeTimers();
    const fetch = answering(200, working);
    const heard = vi.fn();
    const stop = await bridge().onStatus(heard);
    expect(fetch).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(POLL_MS * 3 + 10);
    expect(heard).toHaveBeenCalledTimes(3);
    expect(heard).toHaveBeenLastCalledWith(working);
    stop();
    await vi.advanceTimersByTimeAsync(POLL_MS * 5);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  test("is asked for again when the app was away", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.useFakeTimers();
    const fetch = vi.fn(async () => Promise.reject(new TypeError("away")));
    vi.stubGlobal("fetch", fetch);
    const stop = await bridge().onStatus(() => {});
    await vi.advanceTimersByTimeAsync(POLL_MS * 3 + 10);
    expect(fetch).toHaveBeenCalledTimes(3);
    stop();
  });
});
