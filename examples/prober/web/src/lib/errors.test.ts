import { describe, expect, it } from "vitest";
import { ApiError, ConnectionError, isAway, messageOf } from "@/lib/errors";
import { shouldRetry } from "@/lib/query-client";

describe("ApiError", () => {
  it.each([
    [400, { detail: "Incorrect password" }, "Incorrect password"],
    [404, {}, "This is no longer there."],
    [403, "<html>", "You are not allowed to do this."],
    [500, undefined, "The app ran into a problem."],
    [418, null, "This did not work."],
  ])("says of %i %j: %s", (status, body, message) => {
    expect(new ApiError(status, body).message).toBe(message);
  });

  it("names the fields that the server found wrong", () => {
    const error = new ApiError(422, {
      detail: [
        { loc: ["body", "email"], msg: "Value error, Not an e-mail address" },
        { loc: ["body", "password"], msg: "String should have at least 8 characters" },
        { loc: ["body", 0], msg: "Of no field" },
        "nonsense",
      ],
    });
    expect(error.fields).toEqual({
      email: "Not an e-mail address",
      password: "String should have at least 8 characters",
    });
    expect(error.message).toBe("Some fields need another look.");
  });

  it("repeats the only thing that is wrong", () => {
    expect(new ApiError(422, { detail: [{ loc: ["body", "title"], msg: "Too long" }] }).message).toBe(
      "Too long",
    );
  });
});

describe("messageOf", () => {
  it("keeps the insides of the program to itself", () => {
    expect(messageOf(new Error("x is undefined"))).toBe("Something went wrong.");
    expect(messageOf(new ConnectionError())).toBe("The app is not answering at the moment.");
  });
});

it("tells a server that is away from one that failed", () => {
  expect([500, 502, 503, 504, 404].filter(isAway)).toEqual([502, 503, 504]);
});

describe("shouldRetry", () => {
  it.each([
    [new ConnectionError(), 50, true],
    [new ApiError(500, {}), 1, true],
    [new ApiError(500, {}), 2, false],
    [new ApiError(404, {}), 0, false],
    [new Error("bug"), 0, false],
  ])("decides about %s after %i failures: %s", (error, failures, expected) => {
    expect(shouldRetry(failures, error)).toBe(expected);
  });
});
