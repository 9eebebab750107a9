import { expect, it } from "vitest";
import { lengthWords } from "@/lib/length-words";

it.each([
  [0, "0:00"],
  [6.4, "0:06"],
  [59.7, "1:00"],
  [187, "3:07"],
  [-1, "0:00"],
])("says of %d seconds: %s", (seconds, words) => {
  expect(lengthWords(seconds)).toBe(words);
});
