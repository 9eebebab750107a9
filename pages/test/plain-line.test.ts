import { expect, test } from "vitest";
import { plainLine } from "../src/window/plain-line";

test.each([
  ["\u001b[1;31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007text", "text"],
  ["\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\", "link"],
  ["50 %\r100 %\u0008", "50 %100 %"],
  ["\tindented", "\tindented"],
  ["user\u202egpj.exe", "usergpj.exe"],
  ["<b>naïve 東京 🎉</b>", "<b>naïve 東京 🎉</b>"],
])("%j becomes %j", (line, plain) => {
  expect(plainLine(line)).toBe(plain);
});
