/** The page's address: it carries a token that works once, and the way back to the app. */

import { remember, remembered } from "./storage";

const BACK = "ensconce-setup-back";

export type Address = {
  token: string | null;
  /** The app's address. */
  back: string | null;
};

/** Takes both out of the address, so that neither is seen, copied or kept in the history. */
export function takeAddress(): Address {
  const given = new URLSearchParams(location.hash.slice(1));
  if (location.hash !== "") {
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  const back = backFrom(given.get("back"));
  if (back !== null) remember(BACK, back);
  return { token: given.get("token"), back: back ?? backFrom(remembered(BACK)) };
}

/** Returns the address if it is on this computer or this page's host; no link may lead elsewhere. */
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
