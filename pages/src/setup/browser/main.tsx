/** Entry of the wizard and Settings in a browser. */

import { render } from "preact";
import type { SetupBridge } from "../../bridge";
import { Setup } from "../setup";
import { takeSession } from "./address";
import { createBrowserBridge, type Lost } from "./browser-bridge";
import { LostPage } from "./lost";

const root = document.getElementById("root");

function lose(why: Lost) {
  if (root) render(<LostPage why={why} />, root);
}

async function openBridge(): Promise<SetupBridge | null> {
  const session = takeSession();
  if (session.token !== null) return createBrowserBridge(session, lose);
  if (import.meta.env.MODE === "production") return null;
  const { createSampleBridge } = await import("../../sample-bridge");
  const sample = new URLSearchParams(location.search).get("sample");
  const { pick: _, ...bridge } = createSampleBridge(sample ?? "setup");
  return bridge;
}

async function main() {
  const bridge = await openBridge();
  if (bridge === null) return lose("over");
  if (root) render(<Setup bridge={bridge} />, root);
}

// A new address in the same tab changes only what follows the #.
addEventListener("hashchange", () => location.reload());
main().catch(console.error);
