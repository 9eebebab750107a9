import { expect, it } from "vitest";
import { median } from "@/lib/median";

it.each([
  [[], null],
  [[3], 3],
  [[10, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])("finds the middle of %j: %s", (values, middle) => {
  expect(median(values)).toBe(middle);
});
