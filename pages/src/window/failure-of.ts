/** The report of a failed app, even of one that could not say what has failed. */

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
