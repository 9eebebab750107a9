/** Calls back once what is rendered now is on the screen. */
export function afterPaint(callback: () => void): void {
  // A hidden window draws no frames, yet the shell waits for this call to show it.
  if (document.hidden) {
    setTimeout(callback, 0);
    return;
  }
  let called = false;
  const once = () => {
    if (called) return;
    called = true;
    clearTimeout(limit);
    callback();
  };
  const limit = setTimeout(once, 500);
  requestAnimationFrame(() => requestAnimationFrame(once));
}

/** Calls back once the page is on the screen, which it is not while the window is hidden. */
export function afterShow(callback: () => void): void {
  if (!document.hidden) {
    afterPaint(callback);
    return;
  }
  document.addEventListener("visibilitychange", () => afterPaint(callback), { once: true });
}
