/** The words of each notice. */

import { capitalise, humanise } from "../names";
import { NAMELESS, type Notice } from "./notice";

export type Words = {
  title: string;
  /** Paragraphs. */
  text: string[];
  /** Text to copy, shown verbatim. */
  code: string | null;
};

export function wordsFor(notice: Notice): Words {
  const { app } = notice;
  const part =
    notice.service === null ? `A part of ${app}` : `A part of ${app} (${humanise(notice.service)})`;

  switch (notice.kind) {
    case "starting":
      return words(`${app} is starting`, retryWord(notice, "This takes a moment."));
    case "unavailable":
      return words(`${app} will be right back`, retryWord(notice, `${part} is restarting.`));
    case "failed":
      return words(
        `${app} has a problem`,
        `${part} stopped and could not be restarted.`,
        `Try again. If this keeps happening, quit ${app} and open it again.`,
      );
    case "no_session":
      return words(
        `Open ${app} with its link`,
        `${app} gets a new link each time it starts. Open the one that \`ensconce run\` printed last.`,
      );
    case "link_used":
      return words(
        "This link no longer works",
        `The link to ${app} works only once. Continue in the tab where you opened it, or run \`ensconce run\` again to get a new one.`,
      );
    case "forbidden":
      return words("This is not allowed", `${app} accepts requests only from its own pages.`);
    case "blocked":
      return blocked(notice);
    case "not_found":
      return words("Page not found", `${app} has no page at this address.`);
    case "bad_gateway":
      return words(`${app} did not respond`, noResponse(notice));
  }
}

/** The one that did not respond is a part of the app only if it has a name. */
function noResponse({ service }: Notice): string {
  const source = service === null ? "" : ` from a part of it (${humanise(service)})`;
  return `There was no valid response${source}. Try again in a moment.`;
}

/** Returns the lines for `ensconce.toml` that allow a blocked address. */
export function allowLine(target: string | null): string | null {
  const origin = target === null ? null : originOf(target);
  return origin === null ? null : `[ui]\nallow = ["${origin}"]`;
}

function blocked({ app, target }: Notice): Words {
  const line = allowLine(target);
  const host = line === null ? "this address" : new URL(originOf(target ?? "") ?? "").host;
  const developer = "If you are developing this app, allow the address in `ensconce.toml`:";
  const text = [
    `${app} is not allowed to connect to ${host}.`,
    ...(line === null ? [] : [developer]),
  ];
  return { ...words("This address is blocked", ...text), code: line };
}

/** Returns the origin of an address, or of the bare `host:port` of a CONNECT request. */
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
    ? `${reason} Go back and try again. Nothing was sent.`
    : `${reason} This page opens as soon as it can.`;
}

function words(title: string, ...text: string[]): Words {
  return { title: sentence(title), text: text.map(sentence), code: null };
}

/** Capitalises what stands in for a name; a name stays as it is written. */
function sentence(text: string): string {
  return text.startsWith(`${NAMELESS} `) ? capitalise(text) : text;
}
