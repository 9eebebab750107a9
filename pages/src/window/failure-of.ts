/** Returns the report of a failed app, with words for an app that has none. */

import type { AppStatus, FailureReport } from "../protocol";

export function failureOf({ app, failure }: AppStatus): FailureReport {
  return (
    failure ?? {
      title: `${app.name} could not start`,
      message: "Something went wrong, and the app could not say what.",
      advice: ["Try again. If this keeps happening, look at the logs."],
      service: null,
      output: [],
      log: null,
      details: `${app.name} ${app.version} failed and gave no reason`,
    }
  );
}
