/** Entry of set-up and Settings in a browser. */

import { render } from "preact";
import { Setup } from "../setup";
import { openPage } from "./open";

async function openSample(root: Element): Promise<void> {
  const { createSampleBridge } = await import("../../sample-bridge");
  const sample = new URLSearchParams(location.search).get("sample");
  const { pick: _, ...bridge } = createSampleBridge(sample ?? "setup");
  render(<Setup bridge={bridge} />, root);
}

const root = document.getElementById("root");
if (root) {
  if (import.meta.env.MODE === "production") openPage(root);
  else openSample(root).catch(console.error);
}

// A new address in the same tab changes only what follows the #.
addEventListener("hashchange", () => location.reload());
