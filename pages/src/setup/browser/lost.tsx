/** Shown when the page cannot go on by itself. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Lost } from "./browser-bridge";

type Words = { title: string; text: ComponentChildren[] };

const WORDS: Record<Lost, Words> = {
  refused: {
    title: "This address no longer works",
    text: [
      "It opens this page only once: someone has used it before, or the app was started again since. Everything you saved is still there.",
      <>
        If the page is open in another tab, continue there. To get a new address, open Settings from
        the app, or run <code>ensconce setup --page</code> in a terminal.
      </>,
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
