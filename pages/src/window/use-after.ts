/** A time limit that renders once, when it is over. */

import { useEffect, useReducer } from "preact/hooks";

/** Returns true once `limit` milliseconds have passed since `start`, a `performance.now()` time. */
export function useAfter(start: number, limit: number): boolean {
  const [, wake] = useReducer((count: number) => count + 1, 0);
  const remaining = start + limit - performance.now();
  const over = remaining <= 0;

  useEffect(() => {
    if (over) return;
    const timer = setTimeout(wake, Math.ceil(start + limit - performance.now()) + 1, undefined);
    return () => clearTimeout(timer);
  }, [start, limit, over]);

  return over;
}
