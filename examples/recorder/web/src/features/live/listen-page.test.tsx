import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { FakeSocket, hearing, recorderServer, state } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const titles = () => screen.queryAllByTestId("history-row").map((row) => row.dataset.title);
const process = (name: string) =>
  screen.getAllByTestId("process-row").find((row) => row.dataset.name === name);
const level = () => screen.getByTestId("level-meter").getAttribute("aria-valuenow");

it("shows what was heard, and what has no name yet", async () => {
  const unknown = hearing({ id: 2, title: "Unknown sound 2", artist: "", origin: "heard", first_time: true });
  recorderServer([
    hearing(),
    unknown,
    hearing({ id: 3, track_id: null, title: null, artist: null, origin: null }),
  ]);
  renderApp();
  await waitFor(() => expect(titles()).toEqual(["Night Train", "Unknown sound 2", "A sound"]));
  expect(screen.getByText("Ada · from Microphone")).toBeVisible();
  expect(screen.getAllByText("3:07")).toHaveLength(3);
  expect(screen.getByText("First time")).toBeVisible();
  expect(screen.getAllByTestId("hearing-name")).toHaveLength(1);
});

it("draws the levels as they come, and none when they end", async () => {
  const server = recorderServer([]);
  renderApp();
  await screen.findByText("Nothing was heard yet");
  act(() => server.tell({ kind: "levels", levels: { rms: -20.4, peak: -6, bands: Array(40).fill(-40) } }));
  expect(level()).toBe("-20");
  await waitFor(() => expect(level()).toBe("-80"));
});

it("reads the history anew when it has changed", async () => {
  const hearings = [hearing()];
  const server = recorderServer(hearings);
  renderApp();
  await waitFor(() => expect(titles()).toEqual(["Night Train"]));
  hearings.unshift(hearing({ id: 2, title: "Day Train", ongoing: true }));
  act(() => server.tell({ kind: "changed", what: "history" }));
  await waitFor(() => expect(titles()).toEqual(["Day Train", "Night Train"]));
  expect(screen.getByText("Now")).toBeVisible();
});

it("shows a recorder that is away, and restarts it", async () => {
  const server = recorderServer([]);
  server.handlers["POST /api/v1/processes/recorder/restart"] = () => ({
    status: 202,
    body: { message: "The recorder is being restarted" },
  });
  renderApp();
  await screen.findByText("Nothing was heard yet");
  const processes = state().processes.map((each) =>
    each.name === "recorder" ? { ...each, status: "away" as const, state: "restarting" } : each,
  );
  act(() => server.tell({ kind: "state", state: state({ recorder: null, processes }) }));
  expect(screen.getByTestId("live-status")).toHaveTextContent("The recorder is away");
  expect(process("recorder")).toHaveAttribute("data-status", "away");
  expect(process("recorder")).toHaveTextContent("Restarting");
  expect(process("migrate")).toHaveTextContent("Database upgradeDone");
  await userEvent.click(screen.getByTestId("restart-recorder"));
  expect(await screen.findByText("The recorder is being restarted")).toBeVisible();
  act(() => server.tell({ kind: "state", state: state() }));
  expect(screen.getByTestId("live-status")).toHaveTextContent("Quiet");
});

it("says why a restart was refused", async () => {
  const server = recorderServer([]);
  server.handlers["POST /api/v1/processes/recorder/restart"] = () => ({
    status: 409,
    body: { detail: "The app is stopping" },
  });
  renderApp();
  await screen.findByText("Nothing was heard yet");
  act(() => server.tell({ kind: "state", state: state() }));
  await userEvent.click(screen.getByTestId("restart-recorder"));
  expect(await screen.findByText("The app is stopping")).toBeVisible();
});

it("offers no restart where there is nobody to do it", async () => {
  const server = recorderServer([]);
  renderApp();
  await screen.findByText("Nothing was heard yet");
  act(() => server.tell({ kind: "state", state: state({ restart_available: false }) }));
  expect(process("api")).toBeVisible();
  expect(screen.queryByTestId("restart-recorder")).toBeNull();
});

it("connects again when the server was away, and reads everything anew", async () => {
  const hearings = [hearing()];
  const server = recorderServer(hearings);
  renderApp();
  await waitFor(() => expect(titles()).toEqual(["Night Train"]));
  act(() => server.tell({ kind: "state", state: state() }));
  hearings.unshift(hearing({ id: 2, title: "Meanwhile" }));
  act(() => FakeSocket.newest().close());
  expect(process("api")).toHaveAttribute("data-status", "away");
  await waitFor(() => expect(titles()).toEqual(["Meanwhile", "Night Train"]));
  expect(FakeSocket.all).toHaveLength(2);
  await waitFor(() => expect(process("api")).toHaveAttribute("data-status", "running"));
});

it("gives the recorder a file to listen to", async () => {
  const server = recorderServer([]);
  server.handlers["POST /api/v1/source/files"] = () => ({
    status: 201,
    body: { microphone: true, queue: [{ id: 1, name: "radio" }] },
  });
  renderApp();
  await userEvent.upload(await screen.findByTestId("listen-file"), new File(["RIFF"], "radio.wav"));
  expect(within(await screen.findByTestId("queued-file")).getByText("radio")).toBeVisible();
});

it("clears the history only when that is confirmed", async () => {
  const hearings = [hearing()];
  const server = recorderServer(hearings);
  server.handlers["DELETE /api/v1/history/"] = () => {
    hearings.length = 0;
    return { body: { message: "History deleted" } };
  };
  renderApp();
  await userEvent.click(await screen.findByRole("button", { name: "Clear" }));
  expect(titles()).toEqual(["Night Train"]);
  await userEvent.click(screen.getByTestId("clear-confirm"));
  expect(await screen.findByText("Nothing was heard yet")).toBeVisible();
});
