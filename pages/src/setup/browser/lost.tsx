/** This page cannot go on by itself: its token opens nothing, or there is no way back. */

import { useLayoutEffect } from "preact/hooks";
import type { Lost } from "./browser-bridge";

const WORDS: Record<Lost, string> = {
  over: "This page belongs to an earlier launch of the app. Open the address that the app printed when it was started. What you saved is kept.",
  no_way_back: "You are done here. The app is at the address that it printed when it was started.",
};

export function LostPage({ why }: { why: Lost }) {
  useLayoutEffect(() => {
    document.title = "Open the app's address again";
  }, []);
  return (
    <main class="setup greeting">
      <div role="alert">
        <h1>Open the app's address again</h1>
        <p class="text">{WORDS[why]}</p>
      </div>
    </main>
  );
}
