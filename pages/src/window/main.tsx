/** Entry of the window's page: splash, stopping and failure; set-up and settings when asked for. */

import { render } from "preact";
import { openBridge } from "../bridge";
import { SettingsWindow } from "./lazy-setup";
import { Window } from "./window";

const isSettings = new URLSearchParams(location.search).get("view") === "settings";
const root = document.getElementById("root");
if (root) {
  openBridge()
    .then((bridge) =>
      render(isSettings ? <SettingsWindow bridge={bridge} /> : <Window bridge={bridge} />, root),
    )
    .catch(console.error);
}
