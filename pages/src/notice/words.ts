/** The words of each notice. */

import { humanise } from "../names";
import type { Notice } from "./notice";

export type Words = {
  title: string;
  /** Paragraphs. */
  text: string[];
  /** Something to type or to paste, shown as it is. */
  code: string | null;
};

export function wordsFor(notice: Notice): Words {
  const { app } = notice;
  const part =
    notice.service === null ? "a part of the app" : `a part of it (${humanise(notice.service)})`;

  switch (notice.kind) {
    case "starting":
      return words(`${app} is starting`, retryWord(notice, "This takes a moment."));
    case "unavailable":
      return words(
        `${app} will be right back`,
        retryWord(notice, `${sentence(part)} is starting again.`),
      );
    case "failed":
      return words(
        `${app} has a problem`,
        `${sentence(part)} stopped and could not be started again.`,
        `Try again. If it stays like this, quit ${app} and open it once more.`,
      );
    case "no_session":
      return words(
        "This page belongs to another launch",
        `${app} opens with a link of its own at each launch. Open the link that \`ensconce run\` printed last.`,
      );
    case "link_used":
      return words(
        "This link was used before",
        `The link that opens ${app} works once. Go on in the window where you opened it, or run \`ensconce run\` again for a new link.`,
      );
    case "forbidden":
      return words(
        "This is not allowed",
        `${app} refused this request, because it did not come from its own pages.`,
      );
    case "blocked":
      return blocked(notice);
    case "not_found":
      return words("There is nothing here", `${app} has no page at this address.`);
    case "bad_gateway":
      return words(
        `${app} gave no answer`,
        `${sentence(part)} closed the connection before it had answered. Try again in a moment.`,
      );
  }
}

/** The line for `ensconce.toml` that would let a blocked address through. */
export function allowLine(target: string | null): string | null {
  const origin = target === null ? null : originOf(target);
  return origin === null ? null : `[ui]\nallow = ["${origin}"]`;
}

function blocked({ app, target }: Notice): Words {
  const line = allowLine(target);
  const host = line === null ? "This address" : new URL(originOf(target ?? "") ?? "").host;
  return {
    title: "This address is blocked",
    text: [
      `${host} is not among the addresses that ${app} may reach.`,
      ...(line === null ? [] : ["If you develop this app, allow it in ensconce.toml:"]),
    ],
    code: line,
  };
}

/** Accepts an address or the bare `host:port` of a CONNECT request. */
function originOf(target: string): string | null {
  try {
    const { origin } = new URL(target.includes("://") ? target : `https://${target}`);
    return origin === "null" ? null : origin;
  } catch {
    return null;
  }
}

function retryWord({ retry_ms }: Notice, reason: string): string {
  return retry_ms === null
    ? `${reason} Go back and try once more; nothing was sent.`
    : `${reason} The page opens by itself.`;
}

function sentence(part: string): string {
  return part.charAt(0).toUpperCase() + part.slice(1);
}

function words(title: string, ...text: string[]): Words {
  return { title, text, code: null };
}
