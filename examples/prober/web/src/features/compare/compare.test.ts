import { expect, it } from "vitest";
import { columnNames } from "@/features/compare/column-names";
import { ticks } from "@/features/compare/ticks";
import { column } from "@/test/fake-server";

it.each([
  [1, [0, 0.25, 0.5, 0.75, 1]],
  [7.3, [0, 2, 4, 6, 8]],
  [0.031, [0, 0.01, 0.02, 0.03, 0.04]],
  [120, [0, 50, 100, 150]],
])("finds round numbers up to %d", (longest, round) => {
  expect(ticks(longest)).toEqual(round);
});

it("names columns by their model, and by the run only where it is needed", () => {
  const columns = [
    column({ model: "a", run_id: 1 }),
    column({ model: "b", run_id: 1 }),
    column({ model: "a", run_id: 2 }),
  ];
  expect(columnNames(columns)).toEqual(["a #1", "b", "a #2"]);
});
