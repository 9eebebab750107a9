import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { SLOT, seal } from "../build/seal";

const page = (head: string) =>
  `<html><head>\n    <meta charset="utf-8" />${head}</head><body></body></html>`;

test("allows exactly the scripts and styles in the page", () => {
  const sealed = seal(
    "notice.html",
    page(`${SLOT}<script type="module">run()</script><style>a{}</style>`),
    SLOT,
  );
  const hash = (text: string) => createHash("sha256").update(text).digest("base64");
  expect(sealed).toContain(`script-src 'sha256-${hash("run()")}';`);
  expect(sealed).toContain(`style-src 'sha256-${hash("a{}")}';`);
  expect(sealed.split(SLOT)).toHaveLength(2);
});

test("refuses a page without its slot, or with two", () => {
  expect(() => seal("notice.html", page(""), SLOT)).toThrow("exactly one");
  expect(() => seal("notice.html", page(SLOT + SLOT), SLOT)).toThrow("exactly one");
});

test("refuses a page that loads other files", () => {
  const load = (tag: string) => () => seal("setup.html", page(tag), null);
  expect(load('<script src="/x.js"></script>')).toThrow("setup.html must not load other files");
  expect(load('<link rel="stylesheet" href="/x.css" />')).toThrow("other files");
  expect(load("")).not.toThrow();
});
