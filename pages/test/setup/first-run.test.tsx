import { cleanup, fireEvent, screen } from "@testing-library/preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setupSamples, working } from "../../src/setup/samples";
import {
  asked,
  begin,
  button,
  choose,
  click,
  control,
  described,
  description,
  heading,
  leave,
  settle,
  show,
  statuses,
  type,
} from "./show";

beforeEach(() => sessionStorage.clear());

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const KEY = /^API key/;
const RIGHT = "sk-right-0001";

describe("the way through", () => {
  test("begins with Enter on the welcome page", async () => {
    await show("setup");
    fireEvent.keyDown(screen.getByRole("heading", { level: 1 }), { key: "Enter" });
    await settle();
    expect(heading()).toBe("Which models do you want to test?");
  });

  test("is from the welcome over each page to the open app", async () => {
    const { bridge } = await show("setup");
    expect(heading()).toBe("Welcome to Prober");
    expect(document.title).toBe("Prober");

    await click("Start");
    expect(heading()).toBe("Which models do you want to test?");
    expect(screen.getByText("Page 1 of 3")).toBeTruthy();
    await type(KEY, RIGHT);
    await click("Next");
    expect(asked(bridge, "save")).toEqual([
      { op: "save", page: "provider", values: { provider: "anthropic", api_key: RIGHT } },
    ]);

    expect(screen.getByText("Page 2 of 3")).toBeTruthy();
    await click("Next");
    expect(screen.getByText("Page 3 of 3")).toBeTruthy();
    await click("Finish");
    expect(asked(bridge, "save").at(-1)).toEqual({
      op: "save",
      page: "notices",
      values: { email: "", parallel: 4 },
    });
    expect(asked(bridge, "finish")).toHaveLength(1);

    expect(heading()).toBe("Getting Prober ready");
    await act(() => bridge.emit(working));
    await act(() => bridge.emit({ ...working, phase: "ready" }));
    await settle();
    expect(heading()).toBe("All is ready");
    await click("Open Prober");
    expect(bridge.calls).toEqual(["close_settings"]);
  });

  test("puts the focus on each page's heading", async () => {
    await show("setup");
    expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
    await click("Start");
    expect(document.activeElement?.textContent).toBe("Which models do you want to test?");
    await click("Back");
    expect(document.activeElement?.textContent).toBe("Welcome to Prober");
  });

  test("goes back without losing what was typed", async () => {
    await show("setup_second");
    await choose(/^Share the results/);
    await type(/^Database: address/, "postgresql://host/db");
    await click("Back");
    expect(heading()).toBe("Which models do you want to test?");
    await click("Next");
    expect(control(/^Database: address/).value).toBe("postgresql://host/db");
  });

  test("begins where something is missing", async () => {
    await show("setup_second");
    expect(screen.getByText("Page 2 of 3")).toBeTruthy();
  });

  test("has no number when there is one page", async () => {
    await begin("setup_everything");
    expect(screen.queryByText(/^Page \d/)).toBeNull();
  });

  test("goes on by Enter", async () => {
    const { bridge, container } = await show("setup_page");
    await type(KEY, RIGHT);
    fireEvent.submit(container.querySelector("form") as HTMLFormElement);
    await settle();
    expect(asked(bridge, "save")).toHaveLength(1);
    expect(screen.getByText("Page 2 of 3")).toBeTruthy();
  });

  test("leads from the welcome to the end when there is nothing to ask", async () => {
    const { bridge } = await begin(
      "setup",
      described((given) => ({ ...given, pages: [] })),
    );
    expect(asked(bridge, "finish")).toHaveLength(1);
    expect(heading()).toBe("Getting Prober ready");
  });
});

test("begins with the welcome, although a page needs no answer", async () => {
  await show("setup_defaults");
  expect(heading()).toBe("Welcome to Prober");
});

describe("an answer", () => {
  test("that is missing is said at its field, which has the focus", async () => {
    const { bridge } = await show("setup_page");
    await click("Next");
    expect(asked(bridge, "save")).toHaveLength(0);
    expect(description(KEY)).toContain("This is required.");
    expect(control(KEY).getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(control(KEY));
    await type(KEY, "s");
    expect(description(KEY)).not.toContain("This is required.");
  });

  test("is looked at when its field is left, but not before it was typed", async () => {
    await show("setup_page");
    await leave(KEY);
    expect(control(KEY).getAttribute("aria-invalid")).toBe("false");
    await type(KEY, "a b");
    await leave(KEY);
    expect(description(KEY)).toContain("A key has at least 8 letters");
  });

  test("shows and hides other fields as it is chosen", async () => {
    const { bridge } = await show("setup_page");
    expect(screen.queryByLabelText(/^Address of the server/)).toBeNull();
    await choose(/^A server of your own/);
    await type(/^Address of the server/, " https://models.example.com/v1 ");
    await type(KEY, RIGHT);
    await click("Next");
    expect(asked(bridge, "save")).toEqual([
      {
        op: "save",
        page: "provider",
        values: { provider: "own", base_url: "https://models.example.com/v1", api_key: RIGHT },
      },
    ]);
  });

  test("is kept over a reload, unless it is a secret", async () => {
    await show("setup_page");
    await choose("OpenAI");
    await type(KEY, "MARKED-KEY");
    expect(JSON.stringify({ ...sessionStorage })).not.toContain("MARKED");
    cleanup();
    await show("setup_page");
    expect(control("OpenAI").checked).toBe(true);
    expect(control(KEY).value).toBe("");
  });

  test("is forgotten here once it is stored", async () => {
    await show("setup_second");
    await click("Next");
    await type(/^E-mail/, "ada@example.com");
    await click("Finish");
    expect(JSON.stringify({ ...sessionStorage })).not.toContain("ada@");
  });
});

describe("a wrong key", () => {
  test("is said with what to do, and stays to be corrected", async () => {
    await show("setup_page");
    await type(KEY, "sk-wrong-key");
    await click("Next");
    expect(heading()).toBe("Which models do you want to test?");
    expect(statuses()).toBe("The provider does not know this key.");
    expect(description(KEY)).toContain("This key was refused.");
    expect(control(KEY).value).toBe("sk-wrong-key");
    expect(document.activeElement).toBe(control(KEY));

    await type(KEY, RIGHT);
    expect(statuses()).toBe("");
    await click("Next");
    expect(screen.getByText("Page 2 of 3")).toBeTruthy();
  });

  test("is found by trying, as a right one is", async () => {
    const { bridge } = await show("setup_page");
    await type(KEY, "sk-wrong-key");
    await click("Try it");
    expect(statuses()).toBe("The provider does not know this key.");
    await type(KEY, RIGHT);
    await click("Try it");
    expect(statuses()).toBe("It works: 14 models answer to this key.");
    expect(asked(bridge, "save")).toHaveLength(0);
    expect(asked(bridge, "check")).toHaveLength(2);
  });

  test.each([
    [true, "It works."],
    [false, "This did not work. Try again."],
  ])("has words although the app has none: %s", async (ok, words) => {
    await show("setup_page", (bridge) => {
      const { send } = bridge;
      bridge.send = (async (request) =>
        request.op === "check" ? { ok, message: "", fields: {} } : send(request)) as typeof send;
    });
    await type(KEY, RIGHT);
    await click("Try it");
    expect(statuses()).toBe(words);
  });

  test("and no network are not the same; neither lets on", async () => {
    await show("setup_page");
    await type(KEY, "sk-offline-key");
    await click("Next");
    expect(statuses()).toBe("The server could not be reached. Is this computer online?");
    expect(heading()).toBe("Which models do you want to test?");
  });
});

describe("waiting", () => {
  test("can be stopped, and what was typed stays", async () => {
    const { bridge } = await show("setup_page");
    await type(KEY, "sk-hang-key");
    await click("Next");
    expect(statuses()).toBe("Checking your answers…");
    await click("Next");
    expect(asked(bridge, "save")).toHaveLength(1);
    await click("Stop waiting");
    expect(statuses()).toBe("");
    expect(control(KEY).value).toBe("sk-hang-key");
    expect(button("Next").getAttribute("aria-disabled")).toBe("false");
  });

  test("leaves Back as it is", async () => {
    await show("setup");
    await click("Start");
    await type(KEY, "sk-hang-key");
    await click("Next");
    await click("Back");
    expect(heading()).toBe("Welcome to Prober");
  });

  test("ends with a change, and a late answer moves nothing", async () => {
    let answer: (outcome: never) => void = () => {};
    await show("setup_page", (bridge) => {
      const { send } = bridge;
      bridge.send = ((request) =>
        request.op === "save"
          ? new Promise((resolve) => (answer = resolve))
          : send(request)) as typeof send;
    });
    await type(KEY, RIGHT);
    await click("Next");
    await type(KEY, `${RIGHT}2`);
    expect(statuses()).toBe("");
    answer({ ok: true, message: null, fields: {} } as never);
    await settle();
    expect(heading()).toBe("Which models do you want to test?");
    expect(control(KEY).value).toBe(`${RIGHT}2`);
  });

  test("for an app that is gone ends with words", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    await show("setup_page", (bridge) => {
      const { send } = bridge;
      bridge.send = ((request) =>
        request.op === "save" ? Promise.reject(new Error("gone")) : send(request)) as typeof send;
    });
    await type(KEY, RIGHT);
    await click("Next");
    expect(statuses()).toBe("The app did not respond. Nothing is lost. Try again.");
    expect(control(KEY).value).toBe(RIGHT);
  });

  test("for the first page offers to ask again", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    let away = true;
    await show("setup_page", (bridge) => {
      const { send } = bridge;
      bridge.send = ((request) =>
        away ? Promise.reject(new Error("away")) : send(request)) as typeof send;
    });
    expect(heading()).toBe("The app is not responding");
    away = false;
    await click("Try again");
    expect(heading()).toBe("Which models do you want to test?");
  });
});

describe("old settings", () => {
  test("are taken over, secrets without being shown", async () => {
    const { bridge } = await show("setup_import");
    expect(screen.getByRole("region").textContent).toContain(
      "Provider, Address of the server and API key can be imported from ~/prober/.env.",
    );
    await click("Import your old settings");
    expect(statuses()).toContain("Imported: Provider, Address of the server and API key.");
    await click("Start");
    expect(control(/^A server of your own/).checked).toBe(true);
    expect(control(/^Address of the server/).value).toBe("https://models.example.com/v1");
    expect(description(KEY)).toContain("Already set.");
    await click("Next");
    expect(asked(bridge, "save")).toEqual([
      {
        op: "save",
        page: "provider",
        values: { provider: "own", base_url: "https://models.example.com/v1", api_key: null },
      },
    ]);
  });

  test("that answer nothing are said to", async () => {
    await show("setup_import", (bridge) => {
      const { send } = bridge;
      const nothing = { ok: true, message: null, values: {}, secrets: [] };
      bridge.send = (async (request) =>
        request.op === "import-settings" ? nothing : send(request)) as typeof send;
    });
    await click("Import your old settings");
    expect(statuses()).toBe("Your old settings have no answers to these questions.");
  });

  test("that cannot be read keep nobody", async () => {
    await show("setup_import", (bridge) => {
      const { send } = bridge;
      const refused = { ok: false, message: "The file is not one.", values: {}, secrets: [] };
      bridge.send = (async (request) =>
        request.op === "import-settings" ? refused : send(request)) as typeof send;
    });
    await click("Import your old settings");
    expect(statuses()).toBe("The file is not one.");
    await click("Start");
    expect(heading()).toBe("Which models do you want to test?");
  });
});

describe("a keychain that does not open", () => {
  test("has a page with its choices", async () => {
    const { bridge } = await begin("setup_trouble");
    expect(heading()).toBe("Your keychain is locked");
    await click("Try again");
    expect(statuses()).toBe("It is still locked.");
    await click("Use an encrypted file");
    expect(asked(bridge, "store").at(-1)).toEqual({ op: "store", choice: "file" });
    expect(heading()).toBe("Which models do you want to test?");
    expect(description(KEY)).toContain("Kept in an encrypted file.");
  });

  test("may be unlocked elsewhere, which is seen without a word", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const store = { kind: "keychain", trouble: null };
    let locked = true;
    await begin("setup_trouble", (bridge) => {
      const { send } = bridge;
      bridge.send = (async (request) => {
        const answer = await send(request);
        return request.op === "describe" && !locked ? { ...answer, store } : answer;
      }) as typeof send;
    });
    vi.advanceTimersByTime(1500);
    await settle();
    expect(heading()).toBe("Your keychain is locked");
    locked = false;
    vi.advanceTimersByTime(1500);
    await settle();
    expect(heading()).toBe("Which models do you want to test?");
    vi.useRealTimers();
  });

  test("may be replaced by a passphrase, typed twice", async () => {
    const { bridge } = await begin("setup_trouble");
    await click("Use a passphrase");
    expect(document.activeElement).toBe(control("Passphrase"));
    await type("Passphrase", "short");
    await click("Use this passphrase");
    expect(screen.getByText("Use at least 8 characters.")).toBeTruthy();
    await type("Passphrase", "four quiet words here");
    expect(screen.getByText("Strong.")).toBeTruthy();
    await type("Repeat passphrase", "four quiet words");
    await click("Use this passphrase");
    expect(screen.getByText("The passphrases do not match.")).toBeTruthy();
    await type("Repeat passphrase", "four quiet words here");
    await click("Use this passphrase");
    expect(asked(bridge, "store")).toEqual([
      { op: "store", choice: "passphrase", passphrase: "four quiet words here" },
    ]);
    expect(heading()).toBe("Which models do you want to test?");
  });

  test("while saving shows the page, and keeps what was typed", async () => {
    let locked = false;
    await show("setup_page", (bridge) => {
      const { send } = bridge;
      const trouble = setupSamples.setup_trouble.description.store;
      bridge.send = (async (request) => {
        if (request.op === "store") locked = false;
        if (request.op === "save") {
          locked = true;
          return { ok: false, message: "The keychain is locked.", fields: {} };
        }
        const answer = await send(request);
        return request.op === "describe" && locked ? { ...answer, store: trouble } : answer;
      }) as typeof send;
    });
    await type(KEY, RIGHT);
    await click("Next");
    expect(heading()).toBe("Your keychain is locked");
    await click("Use an encrypted file");
    expect(control(KEY).value).toBe(RIGHT);
  });

  test("is opened by the passphrase it has, and all starts when nothing else is missing", async () => {
    const { bridge } = await show("setup_locked");
    expect(screen.queryByLabelText("Repeat passphrase")).toBeNull();
    await type("Passphrase", "wrong passphrase");
    await click("Unlock");
    expect(statuses()).toBe("It is still locked.");
    await type("Passphrase", "right one");
    await click("Unlock");
    expect(asked(bridge, "finish")).toHaveLength(1);
    expect(heading()).toBe("Getting Prober ready");
  });
});

describe("the work after the last answer", () => {
  test("shows how far it is", async () => {
    await show("setup_working");
    expect(heading()).toBe("Getting Prober ready");
    expect(screen.getByText("2310 of 10000 test cases")).toBeTruthy();
    expect(screen.getByText("23%")).toBeTruthy();
    const bars = screen.getAllByRole("progressbar");
    expect(bars.map((bar) => bar.getAttribute("aria-valuenow"))).toEqual(["41", "23"]);
  });

  test("that fails says so, with a way back to the answers", async () => {
    const { bridge } = await show("setup_failed");
    expect(heading()).toBe("Prober could not start");
    expect(screen.getByRole("alert").textContent).toContain("stopped while it was starting");
    await click("Review your answers");
    expect(heading()).toBe("Which models do you want to test?");
    expect(asked(bridge, "finish")).toHaveLength(0);
  });

  test("is tried again, whatever was said before", async () => {
    const { bridge } = await show("setup_failed");
    let answer: (outcome: never) => void = () => {};
    const { send } = bridge;
    bridge.send = ((request) =>
      request.op === "finish"
        ? new Promise((resolve) => (answer = resolve))
        : send(request)) as typeof send;
    await click("Try again");
    expect(heading()).toBe("Getting Prober ready");
    await act(() => bridge.emit(working));
    answer({ ok: true, message: null, fields: {} } as never);
    await settle();
    expect(heading()).toBe("Getting Prober ready");
  });

  test("that finds a wrong answer leads to it", async () => {
    await show("setup_page", (bridge) => {
      const { send } = bridge;
      const fields = { base_url: "Nobody is there.", api_key: "It has expired." };
      bridge.send = (async (request) =>
        request.op === "finish"
          ? { ok: false, message: "An answer has to change.", fields }
          : send(request)) as typeof send;
    });
    await type(KEY, RIGHT);
    await click("Next");
    await click("Next");
    await click("Finish");
    expect(heading()).toBe("Which models do you want to test?");
    expect(statuses()).toBe("An answer has to change.");
    expect(description(KEY)).toContain("It has expired.");
  });
});
