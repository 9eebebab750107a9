import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/base.css"), "utf8");
const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");

function colours(part: string): Record<string, string> {
  return Object.fromEntries(
    [...part.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

/** As in WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string][] = [
  ...["text", "muted", "bad"].flatMap((name): [string, string][] => [
    [name, "background"],
    [name, "surface"],
  ]),
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["on-bad", "bad"],
];
const SHAPES: [string, string][] = ["edge", "accent", "good", "bad"].flatMap(
  (name): [string, string][] => [
    [name, "background"],
    [name, "surface"],
  ],
);

describe.each([
  ["light", colours(light)],
  ["dark", colours(dark)],
])("in %s", (_, palette) => {
  const between = (one: string, other: string) =>
    contrast(palette[one] ?? "#000000", palette[other] ?? "#000000");

  test.each(TEXT)("text of %s can be read on %s", (one, other) => {
    expect(between(one, other)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(SHAPES)("a shape of %s is seen on %s", (one, other) => {
    expect(between(one, other)).toBeGreaterThanOrEqual(3);
  });
});
