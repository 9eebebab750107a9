/** What the page's address carries: the token that opens the app's control port, and the way back. */

const TOKEN = "ensconce-setup-token";
const BACK = "ensconce-setup-back";

export type Session = {
  token: string | null;
  /** The app's own address. */
  back: string | null;
};

/** Takes both out of the address, so that neither is seen, copied or kept in the history. */
export function takeSession(): Session {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  const back = backFrom(given.get("back"));
  if (token !== null) remember(TOKEN, token);
  if (back !== null) remember(BACK, back);
  if (location.hash !== "") {
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return { token: token ?? remembered(TOKEN), back: back ?? backFrom(remembered(BACK)) };
}

/** Only to this computer, or where this page is from: a link must not lead anywhere else. */
export function backFrom(address: string | null): string | null {
  if (address === null) return null;
  try {
    const url = new URL(address, location.href);
    const web = url.protocol === "http:" || url.protocol === "https:";
    const near = isLoopback(url.hostname) || url.hostname === location.hostname;
    return web && near ? url.href : null;
  } catch {
    return null;
  }
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}

/** Storage may be turned off; then a reload asks for the address again. */
function remember(name: string, value: string): void {
  try {
    sessionStorage.setItem(name, value);
  } catch {}
}

function remembered(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}
