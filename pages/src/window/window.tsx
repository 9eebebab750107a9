/** Chooses between the splash, the set-up firstRun and the failure page. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Bridge } from "../bridge";
import type { AppPhase } from "../protocol";
import { FailurePage } from "./failure";
import { failureOf } from "./failure-of";
import { LazySetup } from "./lazy-setup";
import { Splash } from "./splash";
import { usePainted } from "./use-painted";
import { useStatus } from "./use-status";

export function Window({ bridge }: { bridge: Bridge }) {
  const received = useStatus(bridge);
  const phase = received?.status.phase;
  const isSetup = useIsSetup(phase);
  const [setupKnown, setSetupKnown] = useState(false);
  const name = received?.status.app.name;
  usePainted(bridge, phase !== undefined && (!isSetup || setupKnown), true);

  useEffect(() => {
    if (name) document.title = name;
  }, [name]);

  if (received?.status.phase === "failed") {
    const { status } = received;
    return <FailurePage app={status.app} failure={failureOf(status)} bridge={bridge} />;
  }
  if (isSetup) return <LazySetup bridge={bridge} onKnown={() => setSetupKnown(true)} />;
  return <Splash key={phase} received={received} />;
}

/** Returns whether set-up is shown: it stays until it is closed, or the app fails or stops. */
function useIsSetup(phase: AppPhase | undefined): boolean {
  const shown = useRef(false);
  if (phase === "setup") shown.current = true;
  if (phase === "failed" || phase === "stopping") shown.current = false;
  return shown.current;
}
