import { describe, expect, it } from "vitest";
import { itemsQuery, passesFilter } from "@/features/items/item-queries";
import {
  flatten,
  type ItemPages,
  matchesSearch,
  withItem,
  withoutItem,
  withReplaced,
} from "@/features/items/items-cache";
import { item } from "@/test/fake-server";

const pages: ItemPages = {
  pages: [
    { data: [item({ id: "a" }), item({ id: "b" })], count: 3 },
    { data: [item({ id: "c" })], count: 3 },
  ],
  pageParams: [0, 2],
};
const ids = (of: ItemPages) => flatten(of).map(({ id }) => id);
const counts = (of: ItemPages) => of.pages.map(({ count }) => count);

describe("the loaded pages", () => {
  it("take a new item on top and count it", () => {
    const more = withItem(pages, item({ id: "new" }));
    expect(ids(more)).toEqual(["new", "a", "b", "c"]);
    expect(counts(more)).toEqual([4, 4]);
  });

  it("let an item go from any page", () => {
    const fewer = withoutItem(pages, "c");
    expect(ids(fewer)).toEqual(["a", "b"]);
    expect(counts(fewer)).toEqual([2, 2]);
  });

  it("stay as they are when the item is not among them", () => {
    expect(withoutItem(pages, "x")).toBe(pages);
  });

  it("change an item in its place", () => {
    const changed = withReplaced(pages, "b", { id: "real", done: true });
    expect(ids(changed)).toEqual(["a", "real", "c"]);
    expect(flatten(changed)[1]).toMatchObject({ done: true, title: "Water the plants" });
  });

  it("show an item once, though a shift brought it twice", () => {
    expect(ids({ ...pages, pages: [...pages.pages, ...pages.pages] })).toEqual(["a", "b", "c"]);
  });

  it("know where the next page starts, and when there is none", () => {
    const { getNextPageParam } = itemsQuery("");
    const [first, second] = pages.pages;
    if (!first || !second) throw new Error("Two pages were made above");
    expect(getNextPageParam(first, [first], 0, [0])).toBe(2);
    expect(getNextPageParam(second, [first, second], 2, [0, 2])).toBeUndefined();
    expect(getNextPageParam({ data: [], count: 9 }, [first], 0, [0])).toBeUndefined();
  });
});

describe("matchesSearch", () => {
  it.each([
    ["", true],
    ["  PLANTS ", true],
    ["fern", true],
    ["cactus", false],
  ])("for %j is %s", (search, expected) => {
    expect(matchesSearch(item({ description: "The fern most of all" }), search)).toBe(expected);
  });
});

it("filters by what is done", () => {
  const done = item({ done: true });
  expect(passesFilter(done, "all")).toBe(true);
  expect(passesFilter(done, "done")).toBe(true);
  expect(passesFilter(done, "open")).toBe(false);
  expect(passesFilter(item(), "open")).toBe(true);
});
