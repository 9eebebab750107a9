/** What the tab remembers over a reload; nothing when the browser's storage is turned off. */

export function remember(name: string, value: string): void {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // The page goes on with what it has; only a reload needs the storage.
  }
}

export function remembered(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}
