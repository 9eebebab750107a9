import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { FakeSocket, proberServer, provider, run, target } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const rows = () => screen.queryAllByTestId("run-row").map((row) => row.dataset.id);
const noKey = provider({ ready: false, message: "There is no key for Anthropic" });

it("says where keys are entered while there is none", async () => {
  proberServer([], [noKey]);
  renderApp();
  expect(await screen.findByTestId("no-keys")).toHaveTextContent("It stays on this computer");
});

it("says what to do first", async () => {
  proberServer([]);
  renderApp();
  expect(await screen.findByText("No runs yet")).toBeVisible();
});

it("says above older runs that a key is missing", async () => {
  proberServer([run()], [noKey]);
  renderApp();
  expect(await screen.findByTestId("key-notice")).toBeVisible();
});

it("follows a run as it goes on", async () => {
  const going = run({ state: "running", targets: [target()] });
  const server = proberServer([going]);
  renderApp();
  expect(await screen.findByText("0 of 2")).toBeVisible();
  act(() => server.tell({ kind: "run", run: { ...going, targets: [target({ passed: 1 })] } }));
  expect(await screen.findByText("1 of 2")).toBeVisible();
  act(() => server.tell({ kind: "run", run: run() }));
  expect(await screen.findByText("All passed")).toBeVisible();
});

it("reads everything anew when the server was away", async () => {
  const runs = [run()];
  proberServer(runs);
  renderApp();
  await waitFor(() => expect(rows()).toEqual(["1"]));
  runs.unshift(run({ id: 2 }));
  act(() => FakeSocket.newest().close());
  await waitFor(() => expect(rows()).toEqual(["2", "1"]));
  expect(FakeSocket.all).toHaveLength(2);
});

it("starts a run of the models that are chosen, and of another by its name", async () => {
  const runs = [run({ id: 7 })];
  const server = proberServer(runs);
  let given: unknown;
  server.handlers["POST /api/v1/runs/"] = (_request, body) => {
    given = body;
    const started = run({ state: "running", targets: [target()] });
    runs.unshift(started);
    return { status: 201, body: started };
  };
  const { router } = renderApp();
  await userEvent.click(await screen.findByTestId("new-run"));
  expect(await screen.findByTestId("run-start")).toBeDisabled();
  await userEvent.click(await screen.findByLabelText("claude-haiku-4-5"));
  await userEvent.type(screen.getByTestId("other-model-anthropic"), "claude-of-yesterday{Enter}");
  expect(screen.getByLabelText("claude-of-yesterday")).toBeChecked();
  expect(screen.getByText("4 questions")).toBeVisible();
  await userEvent.click(screen.getByTestId("run-start"));
  await waitFor(() => expect(router.state.location.pathname).toBe("/runs/1"));
  expect(given).toEqual({
    suite_id: "short-texts",
    targets: [
      { provider: "anthropic", model: "claude-haiku-4-5" },
      { provider: "anthropic", model: "claude-of-yesterday" },
    ],
  });
});

it("offers no model of a provider without a key", async () => {
  proberServer([run()], [noKey]);
  renderApp();
  await userEvent.click(await screen.findByTestId("new-run"));
  expect(await screen.findByLabelText("claude-sonnet-5")).toBeDisabled();
  expect(screen.getByRole("alert")).toHaveTextContent("There is no key yet. Open Settings");
});

it("compares the runs that are chosen", async () => {
  proberServer([run({ id: 2 }), run()]);
  const { router } = renderApp();
  for (const box of await screen.findAllByTestId("run-choose")) await userEvent.click(box);
  await userEvent.click(screen.getByTestId("compare-chosen"));
  await waitFor(() => expect(router.state.location.search).toEqual({ runs: "2,1" }));
});
