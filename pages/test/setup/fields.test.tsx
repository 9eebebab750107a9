import { cleanup, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  asked,
  begin,
  choose,
  click,
  control,
  described,
  description,
  heading,
  paste,
  show,
  type,
} from "./show";

beforeEach(() => sessionStorage.clear());

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const KEY = /^API key/;
const RIGHT = "sk-right-0001";

describe("a secret", () => {
  test("that is set stays when it is left empty", async () => {
    const { bridge } = await begin("setup_everything");
    expect(description("Key")).toContain("Already set. Kept in your system's keychain.");
    expect(control("Key").placeholder).toBe("Leave empty to keep it");
    await type(/^Title/, "Report");
    await click("Finish");
    expect(asked(bridge, "save")[0]).toMatchObject({ values: { key: null, title: "Report" } });
  });

  test("that is set can be taken away, and kept after all", async () => {
    const { bridge } = await begin("setup_everything");
    await click("Remove Key");
    expect(description("Key")).toContain("It is removed when you save.");
    await click("Keep Key");
    expect(description("Key")).toContain("Already set.");
    await click("Remove Key");
    await type(/^Title/, "Report");
    await click("Finish");
    expect(asked(bridge, "save")[0]).toMatchObject({ values: { key: "" } });
  });

  test("is hidden until it is asked for", async () => {
    await show("setup_page");
    expect(control(KEY).type).toBe("password");
    await type(KEY, RIGHT);
    await click("Show API key");
    expect(control(KEY).type).toBe("text");
    await click("Hide API key");
    expect(control(KEY).type).toBe("password");
  });

  test("is pasted without what was copied by accident", async () => {
    await show("setup_page");
    await paste(KEY, `  ${RIGHT}\n`);
    expect(control(KEY).value).toBe(RIGHT);
    expect(description(KEY)).toContain("Spaces and line breaks around it were removed.");
    await type(KEY, RIGHT);
    expect(description(KEY)).not.toContain("were removed");
  });

  test("with several lines keeps them, and the focus", async () => {
    const { bridge } = await begin("setup_everything");
    const lines = "-----BEGIN KEY-----\nabc\n-----END KEY-----";
    control("Key").focus();
    await paste("Key", `${lines}\n`);
    expect(control("Key").tagName).toBe("TEXTAREA");
    expect(control("Key").value).toBe(lines);
    expect(control("Key").className).toContain("masked");
    expect(document.activeElement).toBe(control("Key"));
    await type(/^Title/, "Report");
    await click("Finish");
    expect(asked(bridge, "save")[0]).toMatchObject({ values: { key: lines } });
  });

  test.each([
    ["keychain", "Kept in your system's keychain."],
    ["file", "Kept in an encrypted file."],
    ["passphrase", "Kept in an encrypted file, protected by your passphrase."],
    ["none", "There is no safe place for it yet."],
  ] as const)("says where it is kept: %s", async (kind, words) => {
    await show(
      "setup_page",
      described((given) => ({ ...given, store: { kind, trouble: null } })),
    );
    expect(description(KEY)).toContain(words);
  });

  test("is shown as text, like every word that comes from an app", async () => {
    const markup = "<img src=x onerror=alert(1)>";
    const { container } = await show(
      "setup_page",
      described((given) => ({
        ...given,
        pages: given.pages.map((page) => ({
          ...page,
          title: markup,
          text: markup,
          fields: page.fields.map((field) => ({ ...field, label: markup, help: markup })),
        })),
      })),
    );
    expect(container.querySelector("img")).toBeNull();
    expect(heading()).toBe(markup);
  });
});

describe("a database", () => {
  const ADDRESS = /^Database: address/;

  test("is put together from its parts", async () => {
    const { bridge } = await show("setup_second");
    await choose(/^Share the results/);
    await click("Enter the parts");
    await type("Host", "db.example");
    await type("Port", "5433");
    await type("Database name", "prober");
    await type("User", "ada");
    await type("Password", "p@ss/word");
    expect(control("Password").type).toBe("password");
    await click("Enter the address");
    expect(control(ADDRESS).value).toBe("postgresql://ada:p%40ss%2Fword@db.example:5433/prober");
    await click("Next");
    expect(asked(bridge, "save")[0]).toMatchObject({
      values: {
        shared: true,
        database_url: "postgresql://ada:p%40ss%2Fword@db.example:5433/prober",
      },
    });
  });

  test("is taken apart, and says when it cannot be", async () => {
    await show("setup_second");
    await choose(/^Share the results/);
    await type(ADDRESS, "postgresql://ada@host/db");
    await click("Enter the parts");
    expect(control("User").value).toBe("ada");
    await click("Enter the address");
    await type(ADDRESS, "something else");
    await click("Enter the parts");
    expect(screen.getByText(/cannot be split/)).toBeTruthy();
    expect(control(ADDRESS).value).toBe("something else");
  });

  test("that is missing leads to its first part", async () => {
    await show("setup_second");
    await choose(/^Share the results/);
    await click("Enter the parts");
    await click("Next");
    expect(document.activeElement).toBe(control("Host"));
    expect(description("Host")).toContain("This is required.");
  });
});

describe("a file", () => {
  test("is chosen in the system's dialog", async () => {
    const pick = vi.fn(async () => "/home/ada/cases.yaml");
    await begin("setup_everything", (bridge) => {
      bridge.pick = pick;
    });
    await click("Choose… Test cases");
    expect(pick).toHaveBeenCalledWith({
      kind: "file",
      title: "Test cases",
      extensions: ["yaml", "yml"],
      suggested: null,
    });
    expect(control("Test cases").value).toBe("/home/ada/cases.yaml");
  });

  test("stays as it was when the dialog is left, or cannot be opened", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const pick = vi.fn<() => Promise<string | null>>(async () => null);
    await begin("setup_everything", (bridge) => {
      bridge.pick = pick;
    });
    await click("Choose… Folder for reports");
    expect(control("Folder for reports").value).toBe("/home/ada/Reports");
    pick.mockRejectedValueOnce(new Error("no portal"));
    await click("Choose… Folder for reports");
    expect(description("Folder for reports")).toContain("could not be opened");
  });

  test("is typed where there is no dialog", async () => {
    await begin("setup_everything", (bridge) => {
      delete bridge.pick;
    });
    expect(screen.queryByRole("button", { name: /^Choose/ })).toBeNull();
    expect(control("Test cases")).toBeTruthy();
  });
});
