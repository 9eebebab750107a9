import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { SLOT, seal } from "../build/seal-notice";

const page = (head: string) =>
  `<html><head>\n    <meta charset="utf-8" />${head}</head><body></body></html>`;

test("allows exactly the scripts and styles in the page", () => {
  const sealed = seal(page(`${SLOT}<script type="module">run()</script><style>a{}</style>`));
  const hash = (text: string) => createHash("sha256").update(text).digest("base64");
  expect(sealed).toContain(`script-src 'sha256-${hash("run()")}';`);
  expect(sealed).toContain(`style-src 'sha256-${hash("a{}")}';`);
  expect(sealed.split(SLOT)).toHaveLength(2);
});

test("refuses a page without its slot, or with two", () => {
  expect(() => seal(page(""))).toThrow("exactly one");
  expect(() => seal(page(SLOT + SLOT))).toThrow("exactly one");
});

test("refuses a page that loads other files", () => {
  expect(() => seal(page(`${SLOT}<script src="/x.js"></script>`))).toThrow("other files");
  expect(() => seal(page(`${SLOT}<link rel="stylesheet" href="/x.css" />`))).toThrow("other files");
});
