import { cleanup, fireEvent, screen, within } from "@testing-library/preact";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  asked,
  button,
  choose,
  click,
  control,
  description,
  settle,
  show,
  statuses,
  type,
} from "./show";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const SHARED = /^Share the results/;
const KEY = /^API key/;

function section(title: string) {
  return within(screen.getByRole("region", { name: title }));
}

function save(title: string): HTMLButtonElement {
  return section(title).getByRole("button", { name: "Save" }) as HTMLButtonElement;
}

async function press(element: HTMLElement) {
  fireEvent.click(element);
  await settle();
}

async function pressEscape() {
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "Escape" });
  await settle();
}

describe("sections", () => {
  test("are the pages, and the user's data", async () => {
    await show("settings");
    expect(document.title).toBe("Prober: Settings");
    expect(document.activeElement?.textContent).toBe("Settings");
    expect(screen.getAllByRole("heading", { level: 2 }).map((title) => title.textContent)).toEqual([
      "Which models do you want to test?",
      "Where are the results kept?",
      "Who hears of finished runs?",
      "Your data",
    ]);
  });

  test("are saved one by one, once they have changed", async () => {
    const { bridge } = await show("settings");
    const title = "Who hears of finished runs?";
    expect(save(title).getAttribute("aria-disabled")).toBe("true");
    await press(save(title));
    expect(asked(bridge, "save")).toHaveLength(0);

    await type(/^E-mail/, "ada@example.com");
    expect(save(title).getAttribute("aria-disabled")).toBe("false");
    expect(save("Where are the results kept?").getAttribute("aria-disabled")).toBe("true");
    await press(save(title));
    expect(asked(bridge, "save")).toEqual([
      { op: "save", page: "notices", values: { email: "ada@example.com", parallel: 4 } },
    ]);
    expect(statuses()).toContain("Restarting api");
    expect(save(title).getAttribute("aria-disabled")).toBe("true");
  });

  test("keep a secret that is set", async () => {
    const { bridge } = await show("settings");
    await choose("OpenAI");
    await press(save("Which models do you want to test?"));
    expect(asked(bridge, "save")[0]).toMatchObject({
      values: { provider: "openai", api_key: null },
    });
  });

  test("go back to what is stored", async () => {
    await show("settings");
    await choose("OpenAI");
    await click("Undo changes");
    expect(control("Anthropic").checked).toBe(true);
    expect(document.activeElement).toBe(save("Which models do you want to test?"));
  });

  test("say what is wrong, and keep what was typed", async () => {
    await show("settings");
    await type(KEY, "sk-wrong-key");
    await press(save("Which models do you want to test?"));
    expect(statuses()).toContain("The provider does not know this key.");
    expect(description(KEY)).toContain("This key was refused.");
    expect(control(KEY).value).toBe("sk-wrong-key");
  });

  test("forget a secret once it is stored", async () => {
    await show("settings");
    await type(KEY, "sk-right-0001");
    await press(save("Which models do you want to test?"));
    expect(control(KEY).value).toBe("");
    expect(description(KEY)).toContain("Already set.");
  });

  test("are there while the keychain is locked, with what can be done about it", async () => {
    const { bridge } = await show("settings_trouble");
    await click("Use an encrypted file");
    expect(asked(bridge, "store")).toHaveLength(1);
    expect(screen.queryByText("Your keychain is locked")).toBeNull();
  });
});

describe("closing", () => {
  test("is done at once when nothing is unsaved", async () => {
    const { bridge } = await show("settings");
    await click("Close");
    expect(bridge.calls).toEqual(["close_settings"]);
  });

  test("by Escape is the same", async () => {
    const { bridge } = await show("settings");
    await pressEscape();
    expect(bridge.calls).toEqual(["close_settings"]);
  });

  test("asks first when something is unsaved", async () => {
    const { bridge } = await show("settings");
    await choose(SHARED);
    await pressEscape();
    const dialog = screen.getByRole("dialog", { name: "Close without saving?" });
    expect(dialog.textContent).toContain("“Where are the results kept?”");
    expect(document.activeElement).toBe(button("Keep editing"));
    await click("Keep editing");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(control(SHARED).checked).toBe(true);

    await click("Close");
    await click("Close without saving");
    expect(bridge.calls).toEqual(["close_settings"]);
  });

  test("names all sections that are unsaved", async () => {
    await show("settings");
    await choose("OpenAI");
    await choose(SHARED);
    await click("Close");
    expect(screen.getByRole("dialog").textContent).toContain(
      "in “Which models do you want to test?” and “Where are the results kept?” are not saved",
    );
  });

  test("by Escape in the question goes on editing", async () => {
    const { bridge } = await show("settings");
    await choose(SHARED);
    await click("Close");
    const dialog = screen.getByRole("dialog");
    await pressEscape();
    expect(bridge.calls).toEqual([]);
    fireEvent(dialog, new Event("cancel", { cancelable: true }));
    await settle();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("by the window's own button is objected to only while something is unsaved", async () => {
    await show("settings");
    const objects = () => {
      const event = new Event("beforeunload", { cancelable: true });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(objects()).toBe(false);
    await choose(SHARED);
    expect(objects()).toBe(true);
    await click("Undo changes");
    expect(objects()).toBe(false);
  });
});

describe("backups", () => {
  test("are listed, the newest first", async () => {
    await show("settings");
    const items = section("Your data").getAllByRole("listitem");
    expect(items.map((item) => item.querySelector("small")?.textContent)).toEqual([
      "On schedule, version 0.3.0, 48.3 MB",
      "Before an update, version 0.2.9, 41.0 MB",
      "Made by you, 912 bytes",
    ]);
  });

  test("are made by hand", async () => {
    const { bridge } = await show("settings");
    await click("Back up now");
    expect(asked(bridge, "backup")).toEqual([{ op: "backup", database: "results" }]);
    expect(statuses()).toContain("Backed up.");
    expect(section("Your data").getAllByRole("listitem")).toHaveLength(4);
  });

  test("are gone back to only after a question", async () => {
    const { bridge } = await show("settings");
    const first = () => screen.getAllByRole("button", { name: /^Restore…/ })[0] as HTMLElement;
    await press(first());
    expect(document.activeElement).toBe(button("Cancel"));
    await click("Cancel");
    expect(asked(bridge, "restore")).toHaveLength(0);
    await press(first());
    await click("Restore");
    expect(asked(bridge, "restore")).toEqual([{ op: "restore", database: "results", id: "b3" }]);
    expect(statuses()).toContain("Restored.");
  });

  test("of several databases are told apart", async () => {
    await show("settings_everything");
    expect(screen.getByRole("heading", { name: "Backups of cache" })).toBeTruthy();
    expect(screen.getByText("No backups yet.")).toBeTruthy();
    expect(button("Back up now: cache")).toBeTruthy();
  });

  test("that cannot be listed can be asked for again", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    let away = true;
    await show("settings", (bridge) => {
      const { send } = bridge;
      bridge.send = ((request) =>
        request.op === "backups" && away
          ? Promise.reject(new Error("away"))
          : send(request)) as typeof send;
    });
    expect(screen.getByText(/could not be loaded/)).toBeTruthy();
    away = false;
    await click("Try again");
    expect(section("Your data").getAllByRole("listitem")).toHaveLength(3);
  });
});

describe("export", () => {
  test("is without secrets unless it is asked for", async () => {
    const { bridge } = await show("settings");
    await click("Export…");
    await click("Export");
    expect(screen.getByText("Choose where to save the file.")).toBeTruthy();
    await click("Choose… File");
    const { value } = control("File");
    expect(value).toMatch(/^\/home\/ada\/Prober \d{4}-\d\d-\d\d\.ensconce$/);
    await click("Export");
    expect(asked(bridge, "export")).toEqual([{ op: "export", path: value, passphrase: null }]);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(statuses()).toContain("Exported.");
  });

  test("with secrets asks for a passphrase, twice", async () => {
    const { bridge } = await show("settings");
    await click("Export…");
    await type("File", "/tmp/all.ensconce");
    await choose("Include keys and passwords");
    await type("Passphrase", "four quiet words");
    await click("Export");
    expect(screen.getByText("The passphrases do not match.")).toBeTruthy();
    expect(asked(bridge, "export")).toHaveLength(0);
    await type("Repeat passphrase", "four quiet words");
    await click("Export");
    expect(asked(bridge, "export")).toEqual([
      { op: "export", path: "/tmp/all.ensconce", passphrase: "four quiet words" },
    ]);
  });
});

describe("import", () => {
  test("is done only when it is said that it may replace", async () => {
    const { bridge } = await show("settings");
    await click("Import…");
    await type("File", "/tmp/all.ensconce");
    await click("Import");
    expect(asked(bridge, "import-data")).toHaveLength(0);
    expect(screen.getByText("Confirm that your data may be replaced.")).toBeTruthy();
    await choose(/^Replace all/);
    await type("Passphrase", "four quiet words");
    await click("Import");
    expect(asked(bridge, "import-data")).toEqual([
      { op: "import-data", path: "/tmp/all.ensconce", passphrase: "four quiet words" },
    ]);
    expect(statuses()).toContain("Imported.");
  });

  test("of a file that is none is said", async () => {
    await show("settings");
    await click("Import…");
    await type("File", "/tmp/holiday.jpg");
    await choose(/^Replace all/);
    await click("Import");
    expect(statuses()).toContain("This is no file that Prober has exported.");
  });
});
