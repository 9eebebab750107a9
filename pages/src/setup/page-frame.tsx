/** The frame of set-up's pages. The heading gets the focus, so that it is announced first. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { AppIdentity } from "../protocol";
import { AppIcon } from "../window/app-icon";

type Props = {
  app: AppIdentity;
  title: string;
  /** Its place among the pages with questions. */
  position?: { number: number; count: number };
  /** Centred, with a large icon. */
  greeting?: boolean;
  busy?: boolean;
  /** What Enter does while the focus is still on the heading. */
  onEnter?: () => void;
  children: ComponentChildren;
};

export function PageFrame({
  app,
  title,
  position,
  greeting = false,
  busy = false,
  onEnter,
  children,
}: Props) {
  return (
    <main class={greeting ? "setup greeting" : "setup"} aria-busy={busy}>
      <header>
        <AppIcon app={app} />
        <div>
          {position !== undefined && position.count > 1 && (
            <p class="count">
              Page {position.number} of {position.count}
            </p>
          )}
          <Heading text={title} onEnter={onEnter} />
        </div>
      </header>
      {position !== undefined && position.count > 1 && (
        <div class="position" aria-hidden="true">
          {Array.from({ length: position.count }, (_, index) => (
            <span key={index} class={index < position.number ? "passed" : ""} />
          ))}
        </div>
      )}
      {children}
    </main>
  );
}

function Heading({ text, onEnter }: { text: string; onEnter: Props["onEnter"] }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1
      ref={heading}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Enter") onEnter?.();
      }}
    >
      {text}
    </h1>
  );
}
