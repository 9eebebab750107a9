/** Tells the shell when there is something to see. */

import { useEffect } from "preact/hooks";
import type { Bridge } from "../bridge";
import { afterPaint, afterShow } from "./painted";

/** The page counts as painted with its first content, or soon after if none comes. */
const LIMIT_MS = 250;

/** Says so once `known`; with `shown`, also when the window shows it. */
export function usePainted(bridge: Bridge, known: boolean, shown: boolean): void {
  useEffect(() => {
    const tell = async () => {
      await bridge.painted();
      if (shown) afterShow(() => bridge.shown().catch(console.error));
    };
    const report = () => afterPaint(() => tell().catch(console.error));
    if (known) return report();
    const timer = setTimeout(report, LIMIT_MS);
    return () => clearTimeout(timer);
  }, [bridge, known, shown]);
}
