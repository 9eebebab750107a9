/** Entry of the window's page: splash, stopping and failure. */

import { render } from "preact";
import { openBridge } from "../bridge";
import { Window } from "./window";

const root = document.getElementById("root");
if (root) {
  openBridge()
    .then((bridge) => render(<Window bridge={bridge} />, root))
    .catch(console.error);
}
