/** Entry of the page that the gateway serves instead of a response of the app. */

import { render } from "preact";
import { readNotice } from "./notice";
import { NoticePage } from "./page";

async function readJson(): Promise<string> {
  const json = document.getElementById("notice")?.textContent ?? "";
  const kind = new URLSearchParams(location.search).get("sample");
  if (import.meta.env.MODE === "production" || kind === null) return json;
  const { sampleNotice } = await import("./samples");
  return JSON.stringify(sampleNotice(kind));
}

const root = document.getElementById("root");
if (root) {
  readJson()
    .then((json) => render(<NoticePage notice={readNotice(json)} />, root))
    .catch(console.error);
}
