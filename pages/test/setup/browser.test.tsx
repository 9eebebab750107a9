import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backFrom, takeSession } from "../../src/setup/browser/address";
import { createBrowserBridge, POLL_MS } from "../../src/setup/browser/browser-bridge";
import { LostPage } from "../../src/setup/browser/lost";
import { working } from "../../src/setup/samples";

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, "", "/setup.html");
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function answering(status: number, body: unknown = {}) {
  const fetch = vi.fn(async (_url: string, _options: RequestInit) => ({
    status,
    ok: status < 400,
    json: async () => body,
  }));
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

const SESSION = { token: "t0ken", back: "http://127.0.0.1:4000/" };

describe("the address", () => {
  test("gives the token and the way back, and is cleaned", () => {
    history.replaceState(null, "", "/setup.html?x=1#token=t0ken&back=http%3A%2F%2Fa.localhost%2F");
    expect(takeSession()).toEqual({ token: "t0ken", back: "http://a.localhost/" });
    expect(location.hash).toBe("");
    expect(location.search).toBe("?x=1");
  });

  test("is remembered over a reload", () => {
    history.replaceState(null, "", "/setup.html#token=t0ken&back=http://127.0.0.1:4000/");
    takeSession();
    expect(takeSession()).toEqual(SESSION);
  });

  test("of a new launch takes the place of the old one", () => {
    history.replaceState(null, "", "/setup.html#token=old");
    takeSession();
    history.replaceState(null, "", "/setup.html#token=new");
    expect(takeSession().token).toBe("new");
  });

  test("without a token has none", () => {
    expect(takeSession()).toEqual({ token: null, back: null });
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
  ])("leads back to %s: %s", (address, leads) => {
    expect(backFrom(address) !== null).toBe(leads);
  });
});

describe("a request", () => {
  test("is posted with the token, and nothing else that a browser would add", async () => {
    const fetch = answering(200, { ok: true, message: null, fields: {} });
    const bridge = createBrowserBridge(SESSION, () => {});
    expect(await bridge.send({ op: "finish" })).toEqual({ ok: true, message: null, fields: {} });
    const [url, options] = fetch.mock.calls[0] ?? [];
    expect(url).toBe("setup");
    expect(options).toMatchObject({
      method: "POST",
      headers: { Authorization: "Bearer t0ken" },
      body: '{"op":"finish"}',
      credentials: "omit",
    });
  });

  test("that is refused leads to a page that says what to do", async () => {
    answering(401);
    const onLost = vi.fn();
    void createBrowserBridge(SESSION, onLost).send({ op: "describe" });
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledWith("over"));
    render(<LostPage why="over" />);
    expect(screen.getByRole("heading").textContent).toBe("Open the app's address again");
  });

  test("that fails otherwise can be made again", async () => {
    answering(500);
    const bridge = createBrowserBridge(SESSION, () => {});
    await expect(bridge.send({ op: "describe" })).rejects.toThrow("500");
  });

  test("never has a dialog of the system", () => {
    expect(createBrowserBridge(SESSION, () => {}).pick).toBeUndefined();
  });
});

describe("the end", () => {
  test("is the app's own address", async () => {
    const replace = vi.spyOn(location, "replace").mockImplementation(() => {});
    await createBrowserBridge(SESSION, () => {}).closeSettings();
    expect(replace).toHaveBeenCalledWith(SESSION.back);
  });

  test("is said when nobody told the app's address", async () => {
    const onLost = vi.fn();
    await createBrowserBridge({ token: "t0ken", back: null }, onLost).closeSettings();
    expect(onLost).toHaveBeenCalledWith("no_way_back");
  });
});

describe("the status", () => {
  test("is asked for each second, while someone listens", async () => {
    vi.useFakeTimers();
    const fetch = answering(200, working);
    const heard = vi.fn();
    const stop = await createBrowserBridge(SESSION, () => {}).onStatus(heard);
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
    const stop = await createBrowserBridge(SESSION, () => {}).onStatus(() => {});
    await vi.advanceTimersByTimeAsync(POLL_MS * 3 + 10);
    expect(fetch).toHaveBeenCalledTimes(3);
    stop();
  });
});
