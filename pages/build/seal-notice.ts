/** Seals the built notice page: one slot for the gateway's JSON, and nothing else may run. */

import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** What the gateway looks for and replaces the `{}` of. */
export const SLOT = '<script type="application/json" id="notice">{}</script>';

/** Runs after the page has become a single file. */
export function sealNotice(): Plugin {
  return {
    name: "ensconce:seal-notice",
    enforce: "post",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["notice.html"];
        if (page?.type === "asset") page.source = seal(String(page.source));
      },
    },
  };
}

/** Adds the policy by hash, because the page is one file and the header is the gateway's. */
export function seal(html: string): string {
  if (html.split(SLOT).length !== 2) throw new Error(`notice.html needs exactly one ${SLOT}`);
  if (/\s(?:src|href)=(?!"data:)/.test(html.replace(INLINE, "$1"))) {
    throw new Error("notice.html must not load other files");
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
