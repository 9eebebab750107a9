import { describe, expect, it } from "vitest";
import { dateGroup, dateWords, exactTime, parseTime } from "@/lib/date-words";

/** A Saturday. */
const now = new Date(2026, 10, 21, 15, 30);
const at = (month: number, day: number, hour = 12, minute = 0, year = 2026) =>
  new Date(year, month - 1, day, hour, minute);

describe("dateWords", () => {
  it.each([
    [new Date(now.getTime() - 20_000), "just now"],
    [new Date(now.getTime() + 5_000), "just now"],
    [at(11, 21, 15, 29), "1 minute ago"],
    [at(11, 21, 14, 45), "45 minutes ago"],
    [at(11, 21, 14, 30), "1 hour ago"],
    [at(11, 21, 0, 5), "15 hours ago"],
    [at(11, 20, 23, 50), "yesterday, 23:50"],
    [at(11, 19, 9, 5), "Thursday, 09:05"],
    [at(11, 15, 9), "Sunday, 09:00"],
    [at(11, 14), "14 November"],
    [at(1, 2), "2 January"],
    [at(12, 31, 12, 0, 2025), "31 December 2025"],
    [new Date(Number.NaN), ""],
  ])("says of %s: %s", (then, words) => {
    expect(dateWords(then, now)).toBe(words);
  });
});

describe("dateGroup", () => {
  it.each([
    [at(11, 21, 0, 1), "Today"],
    [at(11, 22), "Today"],
    [at(11, 20, 0, 1), "Yesterday"],
    [at(11, 15), "Last seven days"],
    [at(11, 14), "In the last month"],
    [at(10, 22), "October 2026"],
    [at(3, 1, 12, 0, 2024), "March 2024"],
  ])("files %s under %s", (then, name) => {
    expect(dateGroup(then, now)).toBe(name);
  });
});

describe("parseTime", () => {
  it.each([
    ["2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000Z"],
    ["2026-11-21T10:00:00", "2026-11-21T10:00:00.000Z"],
    ["2026-11-21T10:00:00.123456", "2026-11-21T10:00:00.123Z"],
    ["2026-11-21T12:00:00+02:00", "2026-11-21T10:00:00.000Z"],
  ])("reads %s", (text, utc) => {
    expect(parseTime(text).toISOString()).toBe(utc);
  });

  it("has no words for what is no time", () => {
    expect(exactTime(parseTime("soon"))).toBe("");
  });
});
