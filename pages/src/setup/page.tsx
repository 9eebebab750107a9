/** The frame of a page of the wizard. Its heading takes the focus, so that it is read out first. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { AppIdentity } from "../status";
import { AppIcon } from "../window/app-icon";

type Props = {
  app: AppIdentity;
  title: string;
  /** "Step 2 of 3" */
  step?: { number: number; count: number };
  /** Greets: the icon is large, all is in the middle. */
  greeting?: boolean;
  busy?: boolean;
  /** What Enter does while the focus is still on the heading. */
  onEnter?: () => void;
  children: ComponentChildren;
};

export function Page({
  app,
  title,
  step,
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
          {step !== undefined && step.count > 1 && (
            <p class="count">
              Step {step.number} of {step.count}
            </p>
          )}
          <Heading text={title} onEnter={onEnter} />
        </div>
      </header>
      {step !== undefined && step.count > 1 && (
        <div class="way" aria-hidden="true">
          {Array.from({ length: step.count }, (_, index) => (
            <span key={index} class={index < step.number ? "gone" : ""} />
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
