import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { item, itemServer } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const titles = () => screen.queryAllByTestId("item-row").map((row) => row.dataset.title);
const row = async (title: string) => {
  const rows = await screen.findAllByTestId("item-row");
  const found = rows.find((each) => each.dataset.title === title);
  if (!found) throw new Error(`No row ${title}`);
  return within(found);
};
const two = () => [item({ id: "1", title: "Plants" }), item({ id: "2", title: "Photos", done: true })];
const undo = async () => userEvent.click(await screen.findByRole("button", { name: "Undo" }));

it("adds an item, keeps its draft until then, and takes it back", async () => {
  const items = two();
  const server = itemServer(items);
  server.handlers["DELETE /api/v1/items/new-2"] = () => {
    items.shift();
    return { body: {} };
  };
  renderApp();
  await row("Plants");
  await userEvent.keyboard("n");
  await userEvent.type(await screen.findByTestId("item-title-input"), "Train");
  expect(localStorage.getItem("items:draft")).toContain("Train");
  await userEvent.click(screen.getByTestId("item-save"));
  await waitFor(() => expect(titles()).toEqual(["Train", "Plants", "Photos"]));
  await waitFor(() => expect(screen.queryByTestId("item-save")).toBeNull());
  expect(localStorage.getItem("items:draft")).toBeNull();
  await undo();
  await waitFor(() => expect(titles()).toEqual(["Plants", "Photos"]));
  expect(items).toHaveLength(2);
});

it("brings a draft back after a restart, or drops it", async () => {
  itemServer(two());
  localStorage.setItem("items:draft", JSON.stringify({ title: "Half a tho", description: "" }));
  renderApp();
  await userEvent.click(await screen.findByTestId("new-item"));
  expect(await screen.findByTestId("item-title-input")).toHaveValue("Half a tho");
  await userEvent.click(screen.getByTestId("item-discard-draft"));
  expect(screen.getByTestId("item-title-input")).toHaveValue("");
  expect(localStorage.getItem("items:draft")).toBeNull();
});

it("deletes at once and restores all of it", async () => {
  const items = two();
  itemServer(items);
  renderApp();
  await userEvent.click((await row("Photos")).getByTestId("item-delete"));
  await waitFor(() => expect(titles()).toEqual(["Plants"]));
  await undo();
  await waitFor(() => expect(titles()).toEqual(["Photos", "Plants"]));
  expect(items[0]).toMatchObject({ title: "Photos", done: true });
});

it("puts the row back when the server refuses", async () => {
  const server = itemServer(two());
  server.handlers["PUT /api/v1/items/1"] = () => ({ status: 403, body: { detail: "Not yours" } });
  renderApp();
  await userEvent.click((await row("Plants")).getByTestId("item-done"));
  expect(await screen.findByText("Not yours")).toBeVisible();
  expect((await row("Plants")).getByTestId("item-done")).not.toBeChecked();
});

it("shows what the server has against a title beside it, and keeps the text", async () => {
  const server = itemServer(two());
  server.handlers["POST /api/v1/items/"] = () => ({
    status: 422,
    body: { detail: [{ loc: ["body", "title"], msg: "Taken" }] },
  });
  renderApp();
  await userEvent.click(await screen.findByTestId("new-item"));
  await userEvent.type(await screen.findByTestId("item-title-input"), "Plants{Enter}");
  expect(await screen.findByText("Taken")).toBeVisible();
  expect(screen.getByTestId("item-title-input")).toHaveValue("Plants");
  expect(titles()).toEqual(["Plants", "Photos"]);
  expect(localStorage.getItem("items:draft")).toContain("Plants");
});

it("remembers the filter, and searches on the server", async () => {
  const server = itemServer(two());
  localStorage.setItem("items:filter", "done");
  renderApp();
  await row("Photos");
  expect(titles()).toEqual(["Photos"]);
  await userEvent.click(screen.getByRole("radio", { name: "All" }));
  expect(localStorage.getItem("items:filter")).toBe("all");
  await userEvent.keyboard("/Plan");
  await waitFor(() => expect(titles()).toEqual(["Plants"]));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(titles()).toHaveLength(2));
  expect(server.requests.filter((key) => key === "GET /api/v1/items/").length).toBeGreaterThan(1);
});

it("waits for a server that is away, and goes on by itself", async () => {
  const items = two();
  const server = itemServer(items);
  renderApp();
  await row("Plants");
  const create = server.handlers["POST /api/v1/items/"];
  let away = true;
  server.handlers["POST /api/v1/items/"] = (request, body) =>
    away || !create ? { status: 503 } : create(request, body);
  server.handlers["GET /api/v1/utils/health-check/"] = () => (away ? "unreachable" : { body: true });
  await userEvent.keyboard("n");
  await userEvent.type(await screen.findByTestId("item-title-input"), "Train{Enter}");
  expect(await screen.findByText("Reconnecting…")).toBeVisible();
  expect(screen.getByTestId("item-save")).toHaveTextContent("Waiting for the app…");
  expect(localStorage.getItem("items:draft")).toContain("Train");
  away = false;
  await waitFor(() => expect(items).toHaveLength(3), { timeout: 4000 });
  await waitFor(() => expect(screen.queryByText("Reconnecting…")).toBeNull());
});

it("offers another try when the list cannot be loaded", async () => {
  const server = itemServer(two());
  const list = server.handlers["GET /api/v1/items/"];
  server.handlers["GET /api/v1/items/"] = () => ({ status: 400, body: { detail: "Locked" } });
  renderApp();
  expect(await screen.findByText("Locked")).toBeVisible();
  if (list) server.handlers["GET /api/v1/items/"] = list;
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await row("Plants");
});
