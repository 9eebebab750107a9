import { expect, it } from "vitest";
import { draftKey, readDraft, settleDraft, writeDraft } from "@/features/items/draft";

const draft = { title: "Call", description: "the landlord" };

it("keeps a draft under the key that a restart looks for", () => {
  writeDraft(draftKey(), draft);
  expect(JSON.parse(localStorage.getItem("items:draft") ?? "")).toEqual(draft);
  expect(readDraft("items:draft")).toEqual(draft);
});

it("keeps nothing of an empty form", () => {
  writeDraft(draftKey(), draft);
  writeDraft(draftKey(), { title: "", description: "" });
  expect(localStorage.getItem("items:draft")).toBeNull();
});

it("forgets what was saved, but not what was typed since", () => {
  writeDraft(draftKey("7"), { ...draft, title: "Call again" });
  settleDraft(draftKey("7"), draft);
  expect(readDraft(draftKey("7"))?.title).toBe("Call again");
  settleDraft(draftKey("7"), { ...draft, title: "Call again" });
  expect(readDraft(draftKey("7"))).toBeNull();
});

it.each(["{", "null", "[]", '{"title":4}'])("survives a spoilt draft: %s", (stored) => {
  localStorage.setItem("items:draft", stored);
  expect(() => readDraft("items:draft")).not.toThrow();
});
