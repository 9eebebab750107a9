import { expect, test } from "vitest";
import { pasteNote, QUOTED, TRIMMED, trimPasted } from "../../src/setup/paste";

test.each([
  ["sk-1", "sk-1", null],
  ["  sk-1\n", "sk-1", TRIMMED],
  ["\u200bsk-1\ufeff\r\n", "sk-1", TRIMMED],
  ['"sk-1"', '"sk-1"', QUOTED],
  [" 'sk-1' ", "'sk-1'", `${TRIMMED} ${QUOTED}`],
  ["a b\nc", "a b\nc", null],
  ['"', '"', null],
])("%j is taken as %j", (pasted, taken, note) => {
  expect(trimPasted(pasted)).toBe(taken);
  expect(pasteNote(pasted)).toBe(note);
});

test("64 KiB are no trouble", () => {
  const long = " ".repeat(65_536);
  expect(trimPasted(`${long}x${long}y${long}`)).toBe(`x${long}y`);
});
