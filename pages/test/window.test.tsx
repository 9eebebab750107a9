import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AppStatus } from "../src/protocol";
import { createSampleBridge } from "../src/sample-bridge";
import { type SampleName, samples } from "../src/samples";
import { type SetupSampleName, setupSamples } from "../src/setup/samples";
import { SettingsWindow } from "../src/window/lazy-setup";
import { SHOW_JOBS_AFTER_MS, SLOW_AFTER_MS } from "../src/window/splash";
import { Window } from "../src/window/window";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Renders the page on a sample and lets the first status arrive. */
async function open(name: SampleName | SetupSampleName) {
  const bridge = createSampleBridge(name);
  const view = render(<Window bridge={bridge} />);
  await pass(0);
  return { bridge, ...view };
}

async function pass(milliseconds: number) {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds);
  });
}

function button(name: string): HTMLButtonElement {
  return screen.getByRole("button", { name });
}

function started(since_ms: number): AppStatus {
  return { ...samples.midway, since_ms };
}

describe("starting", () => {
  test("shows the app, the job and the progress", async () => {
    await open("midway");
    expect(screen.getByRole("heading").textContent).toBe("Items");
    expect(screen.getByRole("status").textContent).toBe("Starting API");
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("67");
    expect(document.title).toBe("Items");
  });

  test("has no number before the first job is ready", async () => {
    await open("starting");
    expect(screen.getByRole("progressbar").hasAttribute("aria-valuenow")).toBe(false);
  });

  test("opens the jobs by itself after a while", async () => {
    const { bridge } = await open("midway");
    await act(() => bridge.emit(started(0)));
    await pass(SHOW_JOBS_AFTER_MS - 100);
    expect(button("Details").getAttribute("aria-expanded")).toBe("false");
    await pass(200);
    expect(button("Details").getAttribute("aria-expanded")).toBe("true");
    expect(screen.getByText("Sync worker")).toBeTruthy();
  });

  test("counts the time before the page was there", async () => {
    const { bridge } = await open("midway");
    await act(() => bridge.emit(started(SHOW_JOBS_AFTER_MS)));
    expect(button("Details").getAttribute("aria-expanded")).toBe("true");
  });

  test("keeps the jobs as the person left them", async () => {
    const { bridge } = await open("midway");
    await act(() => bridge.emit(started(0)));
    fireEvent.click(button("Details"));
    await pass(0);
    expect(button("Details").getAttribute("aria-expanded")).toBe("true");
    fireEvent.click(button("Details"));
    await pass(SHOW_JOBS_AFTER_MS + 100);
    expect(button("Details").getAttribute("aria-expanded")).toBe("false");
  });

  test("has a friendly word for a long start", async () => {
    const { bridge } = await open("midway");
    await act(() => bridge.emit(started(0)));
    await pass(SLOW_AFTER_MS - 100);
    expect(screen.queryByText(/longer than usual/)).toBeNull();
    await pass(200);
    expect(screen.getByText(/longer than usual/)).toBeTruthy();
  });

  test("begins its clock anew with a new start", async () => {
    const { bridge } = await open("slow");
    expect(screen.getByText(/longer than usual/)).toBeTruthy();
    await act(() => bridge.emit(started(0)));
    expect(screen.queryByText(/longer than usual/)).toBeNull();
  });

  test("falls back to the monogram when the icon is broken", async () => {
    const { container } = await open("icon");
    const image = container.querySelector("img");
    expect(image).not.toBeNull();
    fireEvent.error(image as HTMLImageElement);
    await pass(0);
    expect(container.querySelector(".monogram")?.textContent).toBe("I");
  });

  test("does not let an older answer hide a newer event", async () => {
    const bridge = createSampleBridge("starting");
    let answer: (status: AppStatus) => void = () => {};
    bridge.status = () => new Promise((resolve) => (answer = resolve));
    render(<Window bridge={bridge} />);
    await pass(0);
    await act(() => bridge.emit(samples.ready));
    await act(() => answer(samples.starting));
    await pass(0);
    expect(screen.getByRole("status").textContent).toBe("Ready");
  });

  test("waits for the event when the shell cannot answer yet", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const bridge = createSampleBridge("starting");
    bridge.status = () => Promise.reject(new Error("not yet"));
    render(<Window bridge={bridge} />);
    await pass(0);
    await act(() => bridge.emit(samples.midway));
    expect(screen.getByRole("status").textContent).toBe("Starting API");
  });

  test("stops listening when it goes away", async () => {
    const { bridge, unmount } = await open("starting");
    unmount();
    await pass(0);
    expect(() => bridge.emit(samples.ready)).not.toThrow();
    expect(document.body.textContent).not.toContain("Ready");
  });
});

describe("painted", () => {
  test("is told once, after two frames", async () => {
    const frames: FrameRequestCallback[] = [];
    vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
    const { bridge } = await open("starting");
    frames.shift()?.(0);
    expect(bridge.calls).not.toContain("painted");
    frames.shift()?.(16);
    await act(() => bridge.emit(samples.midway));
    await pass(1000);
    expect(bridge.calls.filter((call) => call === "painted")).toHaveLength(1);
  });

  test("is told by a hidden window, which draws no frames", async () => {
    vi.stubGlobal("requestAnimationFrame", () => 0);
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const { bridge } = await open("starting");
    await pass(10);
    expect(bridge.calls).toContain("painted");
  });

  test("is followed by word that it is shown, once the window is", async () => {
    vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => setTimeout(frame, 16));
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const { bridge } = await open("starting");
    await pass(1000);
    expect(bridge.calls).not.toContain("shown");
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    await pass(100);
    expect(bridge.calls.filter((call) => call === "shown")).toHaveLength(1);
  });

  test("is told even if no status comes", async () => {
    const bridge = createSampleBridge("starting");
    bridge.status = () => new Promise(() => {});
    render(<Window bridge={bridge} />);
    await pass(1000);
    expect(bridge.calls).toContain("painted");
  });
});

describe("stopping", () => {
  test("says what still finishes", async () => {
    await open("stopping");
    expect(screen.getByRole("status").textContent).toBe("Closing Items… Waiting for cache and API");
  });
});

describe("a task's long work", () => {
  test("counts for the whole, and is told in the list", async () => {
    const { bridge } = await open("midway");
    const [migrate, cache, api] = samples.midway.jobs;
    if (!migrate || !cache || !api) throw new Error("The sample has three jobs");
    const jobs = [
      migrate,
      { ...cache, state: "starting" as const, progress: 0.5, message: "5 of 10 parts" },
    ];
    await act(() => bridge.emit({ ...samples.midway, since_ms: SHOW_JOBS_AFTER_MS, jobs }));
    const bars = screen.getAllByRole("progressbar");
    expect(bars.map((bar) => bar.getAttribute("aria-valuenow"))).toEqual(["75", "50"]);
    expect(screen.getByText("5 of 10 parts")).toBeTruthy();
    expect(screen.getByText("50%")).toBeTruthy();
  });
});

describe("set-up", () => {
  test("takes the splash's place, and stays until the app is opened", async () => {
    const { bridge } = await open("setup");
    await vi.waitFor(async () => {
      await pass(10);
      expect(screen.getByRole("heading").textContent).toBe("Welcome to Prober");
    });
    await pass(1000);
    expect(bridge.calls).toContain("painted");
    await act(() => bridge.emit({ ...setupSamples.setup.status, phase: "starting" }));
    await pass(10);
    expect(screen.getByRole("heading").textContent).toBe("Welcome to Prober");
  });

  test("that fails shows what has failed", async () => {
    const { bridge } = await open("setup");
    await act(() => bridge.emit(setupSamples.setup_failed.status));
    expect(screen.getByRole("alert").textContent).toContain("Prober could not start");
    await act(() => bridge.emit({ ...setupSamples.setup.status, phase: "starting" }));
    expect(screen.getByRole("heading").textContent).toBe("Prober");
  });

  test("shows the window only with something to see in it", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    let answer: () => void = () => {};
    const bridge = createSampleBridge("setup");
    const { send } = bridge;
    bridge.send = (async (request) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return send(request);
    }) as typeof send;
    render(<Window bridge={bridge} />);
    await pass(100);
    expect(bridge.calls).not.toContain("painted");
    answer();
    await vi.waitFor(async () => {
      await pass(10);
      expect(bridge.calls).toContain("painted");
    });
  });
});

describe("settings", () => {
  test("are shown alone, and the window with them", async () => {
    const bridge = createSampleBridge("settings");
    render(<SettingsWindow bridge={bridge} />);
    await vi.waitFor(async () => {
      await pass(10);
      expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Settings");
    });
    await pass(1000);
    expect(bridge.calls).toEqual(["painted"]);
  });
});

describe("a usual start", () => {
  test("loads nothing of set-up and settings", () => {
    const sources = import.meta.glob<string>(["../src/window/*.{ts,tsx}", "../src/*.ts"], {
      query: "?raw",
      import: "default",
      eager: true,
    });
    const usual = Object.entries(sources).filter(([path]) => !/sample/.test(path));
    expect(usual.length).toBeGreaterThan(15);
    for (const [path, source] of usual) {
      // Types are gone once it is built, and `import()` waits until it is called.
      expect(source, path).not.toMatch(/^import (?!type ).* from "\.{1,2}\/setup\//m);
    }
  });
});

describe("failed", () => {
  test("says what happened and what to do, with the focus on trying again", async () => {
    await open("failed");
    expect(screen.getByRole("alert").textContent).toContain("Items could not start");
    expect(screen.getByText(/Try again. If it was a passing problem/)).toBeTruthy();
    expect(document.activeElement).toBe(button("Try again"));
  });

  test("tries again", async () => {
    const { bridge } = await open("failed");
    fireEvent.click(button("Try again"));
    await pass(0);
    expect(bridge.calls).toContain("retry");
    expect(screen.getByRole("status").textContent).toBe("Preparing data");
  });

  test("asks once while it tries, and stays usable when that fails", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { bridge } = await open("failed");
    let refuse: (error: Error) => void = () => {};
    bridge.retry = vi.fn(() => new Promise<void>((_, reject) => (refuse = reject)));
    cleanup();
    render(<Window bridge={bridge} />);
    await pass(0);
    fireEvent.click(button("Try again"));
    await pass(0);
    fireEvent.click(button("Trying again…"));
    expect(bridge.retry).toHaveBeenCalledTimes(1);
    await act(() => refuse(new Error("no")));
    await pass(0);
    expect(button("Try again").getAttribute("aria-disabled")).toBe("false");
    expect(screen.getByText(/Trying again did not work/)).toBeTruthy();
  });

  test("opens the logs and quits", async () => {
    const { bridge } = await open("failed");
    fireEvent.click(button("Open logs"));
    fireEvent.click(button("Quit"));
    await pass(0);
    expect(bridge.calls).toEqual(expect.arrayContaining(["open_logs", "quit"]));
  });

  test("shows output as text, whatever is in it", async () => {
    const { container } = await open("failed");
    const output = container.querySelector(".output");
    expect(output?.textContent).toContain("<img src=x onerror=alert(1)>");
    expect(output?.children).toHaveLength(0);
    expect(container.querySelector("img, b, script")).toBeNull();
    expect(output?.textContent).not.toContain("\u001b");
    expect(output?.textContent).toContain("ERROR:    Traceback");
  });

  test("shows title, message and advice as text", async () => {
    const { bridge, container } = await open("failed");
    const markup = "<script>alert(1)</script>";
    const failure = {
      ...samples.failed.failure,
      title: markup,
      message: markup,
      advice: [markup, markup],
    };
    await act(() => bridge.emit({ ...samples.failed, failure }));
    expect(container.querySelector("script")).toBeNull();
    expect(container.querySelectorAll(".advice li")).toHaveLength(2);
  });

  test("leaves out what is not there", async () => {
    const { container } = await open("failed_brief");
    expect(container.querySelector("details")).toBeNull();
    expect(screen.queryByText(/^Log file:/)).toBeNull();
  });

  test("has words even without a failure", async () => {
    const { bridge } = await open("failed");
    await act(() => bridge.emit({ ...samples.failed, failure: null }));
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Items could not start");
  });
});

describe("copying the details", () => {
  test("says so, for a moment", async () => {
    const writeText = vi.fn(async () => {});
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    await open("failed");
    fireEvent.click(button("Copy details"));
    await pass(0);
    expect(writeText).toHaveBeenCalledWith(samples.failed.failure.details);
    expect(button("Copied")).toBeTruthy();
    await pass(2100);
    expect(button("Copy details")).toBeTruthy();
  });

  test("falls back to a selection", async () => {
    vi.stubGlobal("navigator", {});
    let selected = "";
    document.execCommand = vi.fn(() => {
      selected = document.querySelector("textarea")?.value ?? "";
      return true;
    });
    await open("failed");
    button("Copy details").focus();
    fireEvent.click(button("Copy details"));
    await pass(0);
    expect(selected).toBe(samples.failed.failure.details);
    expect(document.querySelector("textarea")).toBeNull();
    expect(document.activeElement).toBe(button("Copied"));
  });

  test("says when neither way works", async () => {
    const refused = async () => Promise.reject(new Error("refused"));
    vi.stubGlobal("navigator", { clipboard: { writeText: refused } });
    document.execCommand = () => false;
    await open("failed");
    fireEvent.click(button("Copy details"));
    await pass(0);
    expect(screen.getByText(/could not be copied/)).toBeTruthy();
  });
});
