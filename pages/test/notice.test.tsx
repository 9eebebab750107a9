import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NOTICE_KINDS, type Notice, readNotice } from "../src/notice/notice";
import { NoticePage } from "../src/notice/page";
import { reloadWhenBack } from "../src/notice/retry";
import { allowLine, wordsFor } from "../src/notice/words";

const base: Notice = { kind: "failed", app: "Items", service: null, retry_ms: null, target: null };

afterEach(cleanup);

describe("reading", () => {
  test("takes what the gateway wrote", () => {
    const notice: Notice = { ...base, kind: "unavailable", service: "api", retry_ms: 500 };
    expect(readNotice(JSON.stringify(notice))).toEqual(notice);
  });

  test.each(["{}", "", "null", "[]", '{"kind":"constructor","retry_ms":"1","app":7}'])(
    "makes a plain failure of %j",
    (json) => {
      expect(readNotice(json)).toEqual({ ...base, app: "the app" });
    },
  );
});

describe("words", () => {
  test.each([
    ["starting", "Items is starting"],
    ["unavailable", "Items will be right back"],
    ["failed", "Items has a problem"],
    ["no_session", "Open Items with its link"],
    ["link_used", "This link no longer works"],
    ["forbidden", "This is not allowed"],
    ["blocked", "This address is blocked"],
    ["not_found", "Page not found"],
    ["bad_gateway", "Items did not respond"],
  ] as const)("%s is titled %s", (kind, title) => {
    expect(wordsFor({ ...base, kind }).title).toBe(title);
  });

  test("every kind has text, and names the app", () => {
    for (const kind of NOTICE_KINDS) {
      const { title, text } = wordsFor({ ...base, kind });
      expect([title, ...text].join(" ")).toContain("Items");
      expect(text.length).toBeGreaterThan(0);
    }
  });

  test("the part is named when it is known", () => {
    const { text } = wordsFor({ ...base, kind: "unavailable", service: "api", retry_ms: 500 });
    expect(text.join(" ")).toContain("A part of Items (API) is restarting.");
  });

  test("a host outside of the app is not called a part of it", () => {
    const outside = wordsFor({ ...base, kind: "bad_gateway" }).text;
    expect(outside).toEqual(["There was no valid response. Try again in a moment."]);
    const part = wordsFor({ ...base, kind: "bad_gateway", service: "api" }).text;
    expect(part[0]).toContain("no valid response from a part of it (API)");
  });

  test("an app without a name is called one, in good grammar", () => {
    const { title, text } = wordsFor(readNotice("{}"));
    expect(title).toBe("The app has a problem");
    expect(text[0]).toBe("A part of the app stopped and could not be restarted.");
  });

  test("a request that was sent with a form is not promised to go on", () => {
    const { text } = wordsFor({ ...base, kind: "unavailable" });
    expect(text.join(" ")).toContain("Go back and try again");
  });

  test.each([
    ["https://fonts.example.com/css?family=Inter", "https://fonts.example.com"],
    ["http://example.com:8080/a", "http://example.com:8080"],
    ["wss://example.com/live", "wss://example.com"],
    ["example.com:443", "https://example.com"],
    ["example.com:8443", "https://example.com:8443"],
  ])("%s is allowed by its origin", (target, origin) => {
    expect(allowLine(target)).toBe(`[ui]\nallow = ["${origin}"]`);
  });

  test.each([null, "http://", 'https://"]', "odd://x y"])("%j has no line", (target) => {
    expect(allowLine(target)).toBeNull();
  });
});

describe("page", () => {
  test("shows the manifest's line for a blocked address", () => {
    const { container } = render(
      <NoticePage notice={{ ...base, kind: "blocked", target: "https://cdn.example.com/x.js" }} />,
    );
    expect(container.querySelector("pre")?.textContent).toBe(
      '[ui]\nallow = ["https://cdn.example.com"]',
    );
  });

  test("sets commands as code", () => {
    const { container } = render(<NoticePage notice={{ ...base, kind: "no_session" }} />);
    expect(container.querySelector("code")?.textContent).toBe("ensconce run");
  });

  test("shows names as text", () => {
    const markup = "<img src=x onerror=alert(1)>";
    const { container } = render(
      <NoticePage notice={{ ...base, app: markup, service: markup, target: markup }} />,
    );
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toContain(markup);
  });

  test("offers a link to try again, which never sends a form twice", () => {
    render(<NoticePage notice={{ ...base, kind: "bad_gateway" }} />);
    const link = screen.getByRole("link", { name: "Try again" });
    expect(link.getAttribute("href")).toBe(location.pathname + location.search);
  });
});

describe("loading anew", () => {
  const url = "http://items.localhost/list?page=2";

  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Answers with each status in turn; 0 is no answer at all. */
  function answering(...statuses: number[]) {
    const fetch = vi.fn(async () => {
      const status = statuses.shift() ?? 0;
      if (status === 0) throw new TypeError("no answer");
      return { status };
    });
    vi.stubGlobal("fetch", fetch);
    return fetch;
  }

  test("happens once the answer is no longer 503", async () => {
    const fetch = answering(503, 0, 503, 200);
    const reload = vi.fn();
    reloadWhenBack(500, { url, reload });
    await vi.advanceTimersByTimeAsync(500);
    expect(fetch).toHaveBeenCalledWith(url, expect.objectContaining({ method: "HEAD" }));
    expect(reload).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(reload).toHaveBeenCalledTimes(1);
    expect(fetch).toHaveBeenCalledTimes(4);
  });

  test("waits as long as it was told, at first", async () => {
    const fetch = answering(200);
    reloadWhenBack(2000, { url, reload: () => {} });
    await vi.advanceTimersByTimeAsync(1999);
    expect(fetch).not.toHaveBeenCalled();
  });

  test("takes other errors for an answer", async () => {
    answering(404);
    const reload = vi.fn();
    reloadWhenBack(0, { url, reload });
    await vi.advanceTimersByTimeAsync(200);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  test("asks less often with time, but keeps asking", async () => {
    const fetch = answering(...Array<number>(1000).fill(503));
    reloadWhenBack(100, { url, reload: () => {} });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetch.mock.calls.length).toBeGreaterThan(12);
    expect(fetch.mock.calls.length).toBeLessThan(25);
  });

  test("ends with the page", async () => {
    const fetch = answering(503, 503);
    const { unmount } = render(
      <NoticePage notice={{ ...base, kind: "starting", retry_ms: 500 }} />,
    );
    await vi.advanceTimersByTimeAsync(600);
    expect(fetch).toHaveBeenCalledTimes(1);
    unmount();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("does not happen when the gateway did not ask for it", async () => {
    const fetch = answering(200);
    render(<NoticePage notice={{ ...base, kind: "unavailable" }} />);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetch).not.toHaveBeenCalled();
  });
});
