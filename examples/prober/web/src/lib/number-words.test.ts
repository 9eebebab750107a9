import { expect, it } from "vitest";
import { countWords, dollarWords, percentWords, secondsWords, tokenWords } from "@/lib/number-words";

it.each([
  [null, "–"],
  [0, "0%"],
  [0.004, "1%"],
  [0.5, "50%"],
  [0.996, "99%"],
  [1, "100%"],
])("says the share %s: %s", (share, words) => {
  expect(percentWords(share)).toBe(words);
});

it.each([
  [null, "–"],
  [0.0002, "1 ms"],
  [0.32, "320 ms"],
  [0.9996, "1.0 s"],
  [1.44, "1.4 s"],
  [75.2, "75 s"],
])("says of %s seconds: %s", (seconds, words) => {
  expect(secondsWords(seconds)).toBe(words);
});

it.each([
  [null, "–"],
  [0, "$0"],
  [0.00001, "< $0.0001"],
  [0.0042, "$0.0042"],
  [0.042, "$0.042"],
  [4.2, "$4.20"],
])("says of %s dollars: %s", (dollars, words) => {
  expect(dollarWords(dollars)).toBe(words);
});

it("counts", () => {
  expect([tokenWords(950), tokenWords(1234), tokenWords(null)]).toEqual(["950", "1.2k", "–"]);
  expect([countWords(1, "case"), countWords(1200, "case")]).toEqual(["1 case", "1,200 cases"]);
});
