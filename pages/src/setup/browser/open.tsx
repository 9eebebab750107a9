/** Opens set-up or Settings in a browser. */

import { render } from "preact";
import { Setup } from "../setup";
import { takeAddress } from "./address";
import { createBrowserBridge, type Lost } from "./browser-bridge";
import { LostPage } from "./lost";
import { createSession } from "./session";

export function openPage(root: Element): void {
  const { token, back } = takeAddress();
  const lose = (reason: Lost) => render(<LostPage reason={reason} />, root);
  const bridge = createBrowserBridge(createSession(token), back, lose);
  render(<Setup bridge={bridge} />, root);
}
