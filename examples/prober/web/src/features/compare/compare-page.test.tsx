import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { column, proberServer, run } from "@/test/fake-server";
import { renderApp } from "@/test/render-app";

const comparison = {
  columns: [
    column(),
    column({ target_id: 2, model: "claude-haiku-4-5", passed: 1, failed: 1, pass_rate: 0.5, cost: null }),
  ],
  rows: [
    {
      suite_name: "Short texts",
      name: "A title",
      differs: true,
      cells: [
        { target_id: 1, outcome: "passed", seconds: 1, note: null },
        { target_id: 2, outcome: "failed", seconds: 2, note: "max_words: It has 9 words" },
      ],
    },
    {
      suite_name: "Short texts",
      name: "A no",
      differs: false,
      cells: [{ target_id: 1, outcome: "passed", seconds: 1, note: null }],
    },
  ],
};

it("compares in pictures, numbers and cases", async () => {
  const server = proberServer([run()]);
  server.handlers["GET /api/v1/compare/"] = () => ({ body: comparison });
  renderApp("/compare?runs=1");
  const rates = await screen.findByTestId("chart-pass-rate");
  expect(
    within(rates)
      .getAllByRole("listitem")
      .map(({ textContent }) => textContent),
  ).toEqual(["claude-sonnet-5100%", "claude-haiku-4-550%"]);
  expect(screen.getByTestId("chart-cost")).toHaveTextContent("claude-haiku-4-5–");
  expect(within(screen.getByTestId("chart-latency")).getAllByRole("img")).toHaveLength(2);
  expect(screen.getByRole("table", { name: "In numbers" })).toHaveTextContent("1.2k");
  expect(screen.getAllByTestId("compare-case")).toHaveLength(1);
  expect(screen.getByTestId("compare-case")).toHaveTextContent("It has 9 words");
  await userEvent.click(screen.getByRole("radio", { name: "All" }));
  expect(screen.getAllByTestId("compare-case")).toHaveLength(2);
  expect(screen.getByText("Not asked")).toBeVisible();
});

it("chooses runs, and keeps them in the address", async () => {
  const server = proberServer([run({ id: 2 }), run()]);
  server.handlers["GET /api/v1/compare/"] = () => ({ body: { columns: [], rows: [] } });
  const { router } = renderApp("/compare");
  expect(await screen.findByText("Choose the runs")).toBeVisible();
  const [first] = screen.getAllByTestId("compare-run");
  if (first) await userEvent.click(first);
  expect(router.state.location.search).toEqual({ runs: "2" });
  expect(await screen.findByText("These runs are no longer there")).toBeVisible();
});

it("bears anything in the address", async () => {
  proberServer([run()]);
  renderApp("/compare?runs=x,-1,1.5,%22");
  expect(await screen.findByText("Choose the runs")).toBeVisible();
});

it("says what to do while there is no run", async () => {
  proberServer([]);
  renderApp("/compare");
  expect(await screen.findByText("There is nothing to compare yet")).toBeVisible();
});
