/** Every page in every sample, looked at by axe. Contrast needs drawing: see contrast.test.ts. */

import { cleanup, render, screen } from "@testing-library/preact";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NOTICE_KINDS, readNotice } from "../src/notice/notice";
import { NoticePage } from "../src/notice/page";
import { sampleNotice } from "../src/notice/samples";
import { createSampleBridge } from "../src/sample-bridge";
import { samples } from "../src/samples";
import { LostPage } from "../src/setup/browser/lost";
import { type SetupSampleName, setupSamples } from "../src/setup/samples";
import { Window } from "../src/window/window";
import { choose, click, settle, show, type } from "./setup/show";

beforeEach(() => {
  sessionStorage.clear();
  document.documentElement.lang = "en";
});

afterEach(cleanup);

async function found(): Promise<string[]> {
  const { violations, passes } = await axe.run(document, {
    rules: { "color-contrast": { enabled: false } },
  });
  expect(passes.length).toBeGreaterThan(5);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`);
}

async function expectNothing() {
  expect(await found()).toEqual([]);
}

test("axe finds what is wrong here", async () => {
  render(<input id="nameless" />);
  expect(await found()).toContainEqual(expect.stringMatching(/^label: .*nameless/));
});

describe("the window", () => {
  test.each(Object.keys(samples))("%s", async (name) => {
    document.title = "Items";
    render(<Window bridge={createSampleBridge(name)} />);
    await settle();
    for (const more of screen.queryAllByRole("button", { name: "Details" })) more.click();
    await settle();
    await expectNothing();
  });
});

describe("the notice", () => {
  test.each(NOTICE_KINDS)("%s", async (kind) => {
    render(<NoticePage notice={readNotice(JSON.stringify(sampleNotice(kind)))} />);
    await expectNothing();
  });
});

describe("set-up and settings", () => {
  test.each(Object.keys(setupSamples) as SetupSampleName[])("%s", async (name) => {
    await show(name);
    await expectNothing();
  });

  test.each([
    ["mistakes", "setup_everything", () => mistakes()],
    ["a refused key", "setup_page", () => typed("sk-wrong-key")],
    ["waiting", "setup_page", () => typed("sk-hang-key")],
    ["a database's parts", "setup_second", () => parts()],
    ["a new passphrase", "setup_trouble", () => passphrase()],
    ["imported", "setup_import", () => click("Import your old settings")],
    ["unsaved changes", "settings", () => unsaved()],
    ["export", "settings", () => exporting()],
    ["import", "settings", () => click("Import…")],
  ] as [string, SetupSampleName, () => Promise<void>][])("%s", async (_, name, act) => {
    await show(name);
    await act();
    await expectNothing();
  });

  test("a lost page", async () => {
    render(<LostPage reason="refused" />);
    await expectNothing();
  });
});

async function mistakes() {
  await click("Start");
  await click("Finish");
}

async function passphrase() {
  await click("Start");
  await click("Use a passphrase");
}

async function typed(key: string) {
  await type(/^API key/, key);
  await click("Next");
}

async function parts() {
  await choose(/^Share the results/);
  await click("Enter the parts");
}

async function unsaved() {
  await choose(/^Share the results/);
  await click("Close");
}

async function exporting() {
  await click("Export…");
  await choose("Include keys and passwords");
}
