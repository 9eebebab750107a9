import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { recorderServer, track } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const titles = () => screen.queryAllByTestId("track-row").map((row) => row.dataset.title);
const unknown = () => track({ id: 2, title: "Unknown sound 2", artist: "", origin: "heard", times_heard: 2 });

it("shows the library, and apart from it what has no name", async () => {
  recorderServer([], [track(), unknown()]);
  renderApp("/library");
  expect(await screen.findByRole("table", { name: "Tracks" })).toHaveTextContent("Night Train");
  expect(screen.getByRole("table", { name: "Heard, without a name" })).toHaveTextContent("Unknown sound 2");
});

it("adds a track from a file", async () => {
  const tracks = [track()];
  const server = recorderServer([], tracks);
  server.handlers["POST /api/v1/tracks/"] = () => {
    tracks.push(track({ id: 3, title: "Day Train" }));
    return { status: 201, body: tracks[1] };
  };
  renderApp("/library");
  await userEvent.click(await screen.findByTestId("add-track"));
  expect(screen.getByTestId("track-save")).toBeDisabled();
  await userEvent.upload(screen.getByTestId("track-file"), new File(["RIFF"], "day.wav"));
  await userEvent.click(screen.getByTestId("track-save"));
  await waitFor(() => expect(titles()).toEqual(["Night Train", "Day Train"]));
  expect(screen.queryByTestId("track-save")).toBeNull();
});

it("says what is wrong with a file, and keeps what was typed", async () => {
  const server = recorderServer([], []);
  server.handlers["POST /api/v1/tracks/"] = () => ({
    status: 422,
    body: { detail: "This is not a WAV file" },
  });
  renderApp("/library");
  await userEvent.click(await screen.findByTestId("add-track"));
  await userEvent.upload(screen.getByTestId("track-file"), new File(["text"], "day.wav"));
  await userEvent.type(screen.getByTestId("track-title-input"), "Day");
  await userEvent.click(screen.getByTestId("track-save"));
  expect(await screen.findByRole("alert")).toHaveTextContent("This is not a WAV file");
  expect(screen.getByTestId("track-title-input")).toHaveValue("Day");
});

it("names a sound", async () => {
  const tracks = [unknown()];
  const server = recorderServer([], tracks);
  let given: unknown;
  server.handlers["PATCH /api/v1/tracks/2"] = (_request, body) => {
    given = body;
    tracks[0] = track({ id: 2, title: "The kettle", artist: "" });
    return { body: tracks[0] };
  };
  renderApp("/library");
  await userEvent.click(await screen.findByTestId("track-name"));
  await userEvent.clear(screen.getByTestId("track-title-input"));
  expect(screen.getByTestId("track-save")).toBeDisabled();
  await userEvent.type(screen.getByTestId("track-title-input"), "The kettle{Enter}");
  await waitFor(() => expect(titles()).toEqual(["The kettle"]));
  expect(given).toEqual({ title: "The kettle", artist: "" });
});

it("forgets a track only when that is confirmed", async () => {
  const tracks = [track()];
  const server = recorderServer([], tracks);
  server.handlers["DELETE /api/v1/tracks/1"] = () => {
    tracks.length = 0;
    return { body: { message: "Track forgotten" } };
  };
  renderApp("/library");
  await userEvent.click(await screen.findByTestId("track-forget"));
  await userEvent.click(screen.getByTestId("track-forget-confirm"));
  expect(await screen.findByText("Nothing is known yet")).toBeVisible();
});
