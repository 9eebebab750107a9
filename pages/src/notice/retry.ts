/** Reloads the page as soon as the gateway no longer responds with 503. */

/** The longest wait between checks. */
const LONGEST_WAIT_MS = 5_000;
const SHORTEST_WAIT_MS = 100;
const GROWTH = 1.5;

type Page = { url: string; reload: () => void };

/** Checks until the response is no longer 503. Returns a function that stops it. */
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

/** A redirect counts as back; no response at all means that the gateway is away. */
async function isBack(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "HEAD", cache: "no-store", redirect: "manual" });
    return answer.status !== 503;
  } catch {
    return false;
  }
}
