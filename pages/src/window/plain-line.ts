/** Removes what a terminal would act on and a page cannot show: colours, cursor moves, bells. */
export function plainLine(line: string): string {
  return line.replace(ESCAPE_SEQUENCES, "").replace(CONTROLS, "");
}

const ESCAPE = "\u001b";
const BELL = "\u0007";
/** Colours and cursor moves, then titles and links, then the short ones. */
const ESCAPE_SEQUENCES = new RegExp(
  [
    `${ESCAPE}\\[[0-?]*[ -/]*[@-~]`,
    `${ESCAPE}\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)`,
    `${ESCAPE}[@-Z\\\\^_]`,
  ].join("|"),
  "g",
);
/** Control characters but for the tab, and those that turn the direction of text. */
const CONTROLS = /(?!\t)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;
