import { expect, it } from "vitest";
import type { LiveState } from "@/client";
import { statusWords } from "@/features/live/status-words";
import { state } from "@/test/fake-server";

const listening = (hearing: object | null) =>
  state({
    recorder: {
      doing: "listening",
      source: "Radio",
      detail: null,
      hearing: hearing && { id: 1, track_id: null, title: null, artist: null, seconds: 3, ...hearing },
    },
  });
const doing = (what: "no-device" | "idle", detail: string | null = null) =>
  state({ recorder: { doing: what, source: null, detail, hearing: null } });
const valkeyAway = state({
  recorder: null,
  processes: [{ name: "valkey", status: "away", state: null, optional: false }],
});

it.each<[string, LiveState | null, string, string]>([
  ["nothing yet", null, "One moment…", "waiting"],
  ["a quiet room", listening(null), "Quiet", "waiting"],
  ["an unknown sound", listening({}), "A sound…", "hearing"],
  ["a track", listening({ title: "Night Train" }), "Night Train", "hearing"],
  ["no device", doing("no-device", "PortAudio is missing"), "No microphone", "trouble"],
  ["the microphone off", doing("idle"), "Microphone off", "waiting"],
  ["a recorder that is away", state({ recorder: null }), "The recorder is away", "trouble"],
  ["Valkey away", valkeyAway, "One moment…", "trouble"],
])("says of %s what is the matter", (_what, given, title, tone) => {
  expect(statusWords(given, false)).toMatchObject({ title, tone });
});

it("knows nothing while the server is away", () => {
  expect(statusWords(listening({ title: "Night Train" }), true).title).toBe("One moment…");
});

it("says why there is no microphone, and who plays", () => {
  expect(statusWords(doing("no-device", "PortAudio is missing"), false).note).toBe("PortAudio is missing");
  expect(statusWords(listening({ title: "Night Train", artist: "Ada" }), false).note).toBe("Ada");
});
