import type { LiveState } from "@/client";

export type StatusWords = {
  /** What is shown large. */
  title: string;
  /** What is said below it. */
  note: string;
  tone: "hearing" | "waiting" | "trouble";
};

/** Says what the recorder is at, in words for people. */
export function statusWords(state: LiveState | null, away: boolean): StatusWords {
  if (away || !state) return { title: "One moment…", note: "The app is being waited for", tone: "waiting" };
  const { recorder } = state;
  if (!recorder) {
    const valkey = state.processes.find(({ name }) => name === "valkey");
    if (valkey?.status === "away") {
      return { title: "One moment…", note: "Valkey is away and will be back by itself", tone: "trouble" };
    }
    return {
      title: "The recorder is away",
      note: "It will be back by itself; the rest goes on",
      tone: "trouble",
    };
  }
  if (recorder.doing === "no-device") {
    return { title: "No microphone", note: recorder.detail ?? "None was found", tone: "trouble" };
  }
  if (recorder.doing === "idle") {
    return { title: "Microphone off", note: "Switch it on, or listen to a file", tone: "waiting" };
  }
  const source = `Listening to ${recorder.source ?? "a sound"}`;
  const { hearing } = recorder;
  if (!hearing) return { title: "Quiet", note: source, tone: "waiting" };
  if (hearing.title) return { title: hearing.title, note: hearing.artist || source, tone: "hearing" };
  return { title: "A sound…", note: `${source} · not recognised yet`, tone: "hearing" };
}
