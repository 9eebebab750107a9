import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { ResultPublic, RunPublic } from "@/client";
import { cases, hold, proberServer, result, run, target } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const outcomes = () => screen.getAllByTestId("result").map(({ dataset }) => dataset.outcome);

function serverWith(one: RunPublic, results: ResultPublic[] = []) {
  const server = proberServer([one]);
  server.handlers["GET /api/v1/runs/1/results"] = () => ({ body: { cases, results } });
  return server;
}

it("shows each answer as it comes", async () => {
  const going = run({ state: "running", targets: [target()] });
  const server = serverWith(going);
  renderApp("/runs/1");
  await screen.findAllByTestId("case-row");
  expect(outcomes()).toEqual(["open", "open"]);
  act(() => {
    server.tell({ kind: "result", run_id: 1, result: result() });
    server.tell({ kind: "run", run: { ...going, targets: [target({ passed: 1 })] } });
  });
  await waitFor(() => expect(outcomes()).toEqual(["passed", "open"]));
  expect(screen.getByTestId("target-rate")).toHaveTextContent("100%");
  act(() => server.tell({ kind: "result", run_id: 1, result: result({ case_id: 2, outcome: "failed" }) }));
  await waitFor(() => expect(outcomes()).toEqual(["passed", "failed"]));
  expect(screen.getByTestId("target")).toHaveTextContent("1 of 2");
});

it("shows an answer, and why it did not pass", async () => {
  const missed = result({
    outcome: "failed",
    text: "A very long title",
    verdicts: [
      { kind: "contains", wanted: "bees", passed: true, note: null },
      { kind: "max_words", wanted: 3, passed: false, note: "It has 4 words" },
    ],
    retries: 1,
    cut_off: true,
  });
  serverWith(run({ targets: [target({ failed: 1 })] }), [missed]);
  renderApp("/runs/1");
  await userEvent.click(await screen.findByRole("button", { name: /^A title, claude-sonnet-5: Failed/ }));
  const dialog = await screen.findByRole("dialog", { name: "A title" });
  expect(within(dialog).getByTestId("answer")).toHaveTextContent("A very long title");
  const verdicts = within(dialog).getAllByTestId("verdict");
  expect(verdicts.map(({ dataset }) => dataset.passed)).toEqual(["true", "false"]);
  expect(verdicts[1]).toHaveTextContent("Has at most 3 words");
  expect(verdicts[1]).toHaveTextContent("It has 4 words");
  expect(dialog).toHaveTextContent("asked 2 times");
  expect(dialog).toHaveTextContent("cut off");
});

it("says why a model waits, and tries again when it is told to", async () => {
  const held = run({
    state: "running",
    targets: [target({ hold: hold({ kind: "rate_limit", message: "Anthropic has been asked too often" }) })],
  });
  const server = serverWith(held);
  server.handlers["POST /api/v1/runs/1/continue"] = () => ({
    body: { ...held, targets: [target({ asking: 1 })] },
  });
  renderApp("/runs/1");
  expect(await screen.findByTestId("hold")).toHaveTextContent("Anthropic has been asked too often.");
  expect(screen.getByTestId("run-badge")).toHaveTextContent("Waiting");
  await userEvent.click(screen.getByTestId("run-continue"));
  expect(server.requests).toContain("POST /api/v1/runs/1/continue");
});

it("says where a key is entered when one is missing", async () => {
  serverWith(run({ state: "running", targets: [target({ hold: hold() })] }));
  renderApp("/runs/1");
  expect(await screen.findByTestId("hold")).toHaveTextContent(
    "There is no key for Anthropic. Open Settings (Ctrl+comma) and enter a key there.",
  );
});

it("asks again what got no answer", async () => {
  const broken = run({ targets: [target({ passed: 1, errors: 1 })] });
  const server = serverWith(broken, [
    result(),
    result({ case_id: 2, outcome: "error", error: "Overloaded" }),
  ]);
  server.handlers["POST /api/v1/runs/1/retry"] = () => ({ body: run({ state: "running" }) });
  renderApp("/runs/1");
  await userEvent.click(await screen.findByRole("button", { name: /^A no, claude-sonnet-5: No answer/ }));
  expect(await screen.findByTestId("result-error")).toHaveTextContent("Overloaded");
  await userEvent.keyboard("{Escape}");
  await userEvent.click(screen.getByTestId("run-retry"));
  await waitFor(() => expect(server.requests).toContain("POST /api/v1/runs/1/retry"));
});

it("deletes a run only when that is confirmed", async () => {
  const server = serverWith(run());
  server.handlers["DELETE /api/v1/runs/1"] = () => ({ body: { message: "Run deleted" } });
  const { router } = renderApp("/runs/1");
  await userEvent.click(await screen.findByTestId("run-delete"));
  await userEvent.click(screen.getByTestId("run-delete-confirm"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
});

it("says of a run that is gone that it is", async () => {
  proberServer([]);
  renderApp("/runs/9");
  expect(await screen.findByRole("alert")).toHaveTextContent("This is no longer there.");
});
