import { expect, it } from "vitest";
import { backTarget } from "@/features/session/guards";

it.each([
  ["/settings", "/settings"],
  ["/users?x=1", "/users?x=1"],
  ["/", undefined],
  ["/login", undefined],
  ["/signup?redirect=%2F", undefined],
  ["//elsewhere.example", undefined],
  ["/\\elsewhere.example", undefined],
  ["https://elsewhere.example", undefined],
  [7, undefined],
])("leads back to %s only within the app: %s", (href, target) => {
  expect(backTarget(href)).toBe(target);
});
