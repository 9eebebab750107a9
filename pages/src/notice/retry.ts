/** Loads the page anew as soon as the gateway stops answering "not yet". */

/** Waits between checks grow to this at most. */
const LONGEST_WAIT_MS = 5_000;
const SHORTEST_WAIT_MS = 100;
const GROWTH = 1.5;

type Page = { url: string; reload: () => void };

/** Checks until the answer is no longer 503. Returns a function that gives up. */
export function reloadWhenBack(retryMs: number, page: Page): () => void {
  let wait = Math.min(Math.max(retryMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  const check = async () => {
    const back = await isBack(page.url);
    if (ended) return;
    if (back) return page.reload();
    wait = Math.min(wait * GROWTH, LONGEST_WAIT_MS);
    schedule();
  };
  const schedule = () => {
    timer = setTimeout(() => void check(), wait);
  };

  schedule();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** A redirect is an answer too; no answer at all means that the gateway itself is away. */
async function isBack(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "HEAD", cache: "no-store", redirect: "manual" });
    return answer.status !== 503;
  } catch {
    return false;
  }
}
