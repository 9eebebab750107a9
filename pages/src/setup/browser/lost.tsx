/** Shown when the page cannot go on by itself. */

import { useLayoutEffect } from "preact/hooks";
import type { Lost } from "./browser-bridge";

type Words = { title: string; text: string[] };

const WORDS: Record<Lost, Words> = {
  used: {
    title: "This address was used already",
    text: [
      "It opens this page only once. Everything you saved is still there.",
      "If the page is open in another tab or window, continue there. If not, open Settings in the app, or ask for a new address where you got this one.",
    ],
  },
  refused: {
    title: "This page can no longer be used",
    text: [
      "It belongs to an earlier start of the app, or its address is not complete. Everything you saved is still there.",
      "Close this tab, and open the app again. It asks for whatever is missing; for everything else, it has Settings.",
    ],
  },
  no_way_back: {
    title: "You are done here",
    text: ["Close this tab, and open the app at the address that it showed when it started."],
  },
};

export function LostPage({ reason }: { reason: Lost }) {
  const { title, text } = WORDS[reason];
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main class="setup greeting">
      <div role="alert">
        <h1>{title}</h1>
        {text.map((paragraph, index) => (
          <p class="text" key={index}>
            {paragraph}
          </p>
        ))}
      </div>
    </main>
  );
}
