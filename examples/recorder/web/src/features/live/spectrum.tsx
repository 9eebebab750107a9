import { useEffect, useRef } from "react";
import { levels, quietest } from "@/features/live/live";

const bands = 40;
const smallest = 0.015;

/** How loud each pitch is. Drawn past React, for it changes twenty times a second. */
export function Spectrum() {
  const box = useRef<HTMLDivElement>(null);

  useEffect(
    () =>
      levels.subscribe(() => {
        const now = levels.get()?.bands;
        const bars = box.current?.children ?? [];
        for (const [index, bar] of [...bars].entries()) {
          (bar as HTMLElement).style.transform = `scaleY(${height(now?.[index] ?? quietest)})`;
        }
      }),
    [],
  );

  return (
    <div
      ref={box}
      aria-hidden
      className="flex shrink-0 grow basis-40 items-end gap-[3px] px-5 pt-4 md:basis-48 md:gap-1"
    >
      {Array.from({ length: bands }, (_, band) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars never change.
          key={band}
          className="self-stretch flex-1 origin-bottom rounded-t-[3px] bg-linear-to-t from-primary/35 to-primary transition-transform duration-100 ease-out"
          style={{ transform: `scaleY(${smallest})` }}
        />
      ))}
    </div>
  );
}

function height(decibels: number): number {
  return Math.max(smallest, 1 - decibels / quietest);
}
