/** The report of a failed app, even of one that could not say what has failed. */

import type { AppStatus, FailureReport } from "../protocol";

export function failureOf({ app, failure }: AppStatus): FailureReport {
  return (
    failure ?? {
      title: `${app.name} could not start`,
      message: "Something went wrong that the app could not name.",
      advice: ["Try again, or look into the logs."],
      service: null,
      output: [],
      log: null,
      details: `${app.name} ${app.version}: failed without a reason`,
    }
  );
}
