/** Chooses between the splash and the failure page. */

import { useEffect } from "preact/hooks";
import type { Bridge } from "../bridge";
import type { Failure, Status } from "../status";
import { FailurePage } from "./failure";
import { afterPaint, afterShow } from "./painted";
import { Splash } from "./splash";
import { useStatus } from "./use-status";

export function Window({ bridge }: { bridge: Bridge }) {
  const received = useStatus(bridge);
  const known = received !== null;
  const name = received?.status.app.name;

  // The page counts as painted with its first content, or soon after if none comes.
  useEffect(() => {
    const tell = async () => {
      await bridge.painted();
      afterShow(() => bridge.shown().catch(console.error));
    };
    const report = () => afterPaint(() => tell().catch(console.error));
    if (known) return report();
    const timer = setTimeout(report, 250);
    return () => clearTimeout(timer);
  }, [bridge, known]);

  useEffect(() => {
    if (name) document.title = name;
  }, [name]);

  if (received?.status.phase === "failed") {
    const { status } = received;
    return <FailurePage app={status.app} failure={failureOf(status)} bridge={bridge} />;
  }
  return <Splash key={received?.status.phase} received={received} />;
}

function failureOf({ app, failure }: Status): Failure {
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
