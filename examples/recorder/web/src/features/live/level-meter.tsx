import { useEffect, useRef } from "react";
import { levels, quietest } from "@/features/live/live";

/** How loud it is as a whole, and the peak of the moment. Drawn past React, as the spectrum is. */
export function LevelMeter() {
  const meter = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLSpanElement>(null);
  const peak = useRef<HTMLSpanElement>(null);
  const words = useRef<HTMLSpanElement>(null);

  useEffect(
    () =>
      levels.subscribe(() => {
        const now = levels.get();
        const rms = now?.rms ?? quietest;
        const said = now ? `${Math.round(rms)} dB` : "–";
        meter.current?.setAttribute("aria-valuenow", String(Math.round(rms)));
        meter.current?.setAttribute("aria-valuetext", said);
        if (bar.current) bar.current.style.transform = `scaleX(${share(rms)})`;
        if (peak.current) peak.current.style.left = `${100 * share(now?.peak ?? quietest)}%`;
        if (words.current) words.current.textContent = said;
      }),
    [],
  );

  return (
    <div className="flex items-center gap-3 border-t px-5 py-3">
      {/* biome-ignore lint/a11y/useSemanticElements: the browser's own meter cannot show a peak. */}
      <div
        ref={meter}
        role="meter"
        aria-label="Sound level"
        aria-valuemin={quietest}
        aria-valuemax={0}
        aria-valuenow={quietest}
        data-testid="level-meter"
        className="relative h-2 flex-1 overflow-hidden rounded-full bg-secondary"
      >
        <span
          ref={bar}
          className="absolute inset-0 origin-left rounded-full bg-primary transition-transform duration-75"
          style={{ transform: "scaleX(0)" }}
        />
        <span ref={peak} className="absolute inset-y-0 w-0.5 bg-foreground/60" style={{ left: 0 }} />
      </div>
      <span ref={words} aria-hidden className="w-12 text-right text-xs text-muted-foreground tabular-nums">
        –
      </span>
    </div>
  );
}

function share(decibels: number): number {
  return 1 - decibels / quietest;
}
