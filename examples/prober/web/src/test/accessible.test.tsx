import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect, it } from "vitest";
import { cases, column, hold, proberServer, provider, result, run, suite, target } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const noKey = provider({ ready: false, message: "There is no key for Anthropic" });
const held = target({ id: 2, model: "claude-haiku-4-5", hold: hold() });
const mistake = { line: 4, column: 5, message: "`promt` is not known", hint: null };

function fullServer() {
  const server = proberServer(
    [run({ state: "running", targets: [target({ passed: 1, failed: 1 }), held] }), run({ id: 2 })],
    [provider(), { ...noKey, name: "openai", label: "OpenAI" }],
    [suite(), suite({ id: "mine", name: "mine.yaml", own: true, problems: [mistake] })],
  );
  server.handlers["GET /api/v1/runs/1/results"] = () => ({
    body: {
      cases,
      results: [result(), result({ case_id: 2, outcome: "error", seconds: null, error: "No" })],
    },
  });
  server.handlers["GET /api/v1/compare/"] = () => ({
    body: {
      columns: [column(), column({ target_id: 2, model: "claude-haiku-4-5", pass_rate: null, cost: null })],
      rows: [{ suite_name: "Short texts", name: "A title", differs: true, cells: [] }],
    },
  });
}

/** Colours are not seen here; they are looked at in a browser. */
async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

it.each([
  ["/", "run-row"],
  ["/runs/1", "case-row"],
  ["/compare?runs=1", "chart-cost"],
  ["/suites", "suite"],
  ["/suites/short-texts", "suite-case"],
  ["/providers", "provider"],
])("%s can be used by everybody", async (path, testId) => {
  fullServer();
  renderApp(path);
  await screen.findAllByTestId(testId);
  expect(await violations()).toEqual([]);
});

it.each([
  ["/", "new-run", "New run"],
  ["/suites", "import-suite", "Import a suite"],
])("so can the dialog of %s", async (path, button, name) => {
  fullServer();
  renderApp(path);
  await userEvent.click(await screen.findByTestId(button));
  await screen.findByRole("dialog", { name });
  expect(await violations()).toEqual([]);
});

it("so can the first page without a key", async () => {
  proberServer([], [noKey]);
  renderApp();
  await screen.findByTestId("no-keys");
  expect(await violations()).toEqual([]);
});
