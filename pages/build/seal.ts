/** Seals the pages that are one file: nothing but what was built into them may run. */

import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** What the gateway looks for and replaces the `{}` of. */
export const SLOT = '<script type="application/json" id="notice">{}</script>';

export const sealNotice = () => sealPage("notice.html", SLOT);
export const sealSetup = () => sealPage("setup.html", null);

/** Runs after the page has become a single file. */
function sealPage(name: string, slot: string | null): Plugin {
  return {
    name: `ensconce:seal:${name}`,
    enforce: "post",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle[name];
        if (page?.type === "asset") page.source = seal(name, String(page.source), slot);
      },
    },
  };
}

/** Adds the policy by hash, because the page is one file and the header is the server's. */
export function seal(name: string, html: string, slot: string | null): string {
  if (slot !== null && html.split(slot).length !== 2) {
    throw new Error(`${name} needs exactly one ${slot}`);
  }
  if (/\s(?:src|href)=(?!"data:)/.test(html.replace(INLINE, "$1"))) {
    throw new Error(`${name} must not load other files`);
  }
  const charset = '<meta charset="utf-8" />';
  const policy = `<meta http-equiv="Content-Security-Policy" content="${policyFor(html)}" />`;
  return html.replace(charset, () => `${charset}\n    ${policy}`);
}

/** An opening tag, its name, what it holds. */
const INLINE = /(<(script|style)\b[^>]*>)([\s\S]*?)<\/\2>/g;

function policyFor(html: string): string {
  const hashes = { script: [] as string[], style: [] as string[] };
  for (const [whole, , tag, content] of html.matchAll(INLINE)) {
    if (whole === SLOT) continue;
    const digest = createHash("sha256")
      .update(content ?? "")
      .digest("base64");
    hashes[tag as "script" | "style"].push(`'sha256-${digest}'`);
  }
  return [
    "default-src 'none'",
    `script-src ${hashes.script.join(" ")}`,
    `style-src ${hashes.style.join(" ")}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}
