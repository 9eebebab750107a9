/** Reports to the shell when the page has content. */

import { useEffect } from "preact/hooks";
import type { Bridge } from "../bridge";
import { afterPaint, afterShow } from "./painted";

/** The page counts as painted with its first content, or soon after if none comes. */
const LIMIT_MS = 250;

/** Reports once `known`; with `shown`, also when the window shows the page. */
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
