/** The latest status, with the time when its phase began. */

import { useEffect, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppStatus } from "../protocol";

export type Received = {
  status: AppStatus;
  /** When the phase began, as a `performance.now()` time. */
  began: number;
};

/** Subscribes first and asks second, so that no change is missed between the two. */
export function useStatus(bridge: Pick<SetupBridge, "status" | "onStatus">): Received | null {
  const [received, setReceived] = useState<Received | null>(null);

  useEffect(() => {
    let ended = false;
    let heard = false;
    const accept = (status: AppStatus) => {
      if (!ended) setReceived({ status, began: performance.now() - status.since_ms });
    };
    const listening = bridge.onStatus((status) => {
      heard = true;
      accept(status);
    });
    const asked = listening.then(() => bridge.status());
    // A shell that is not ready to answer sends the event when it is.
    asked.then((status) => heard || accept(status)).catch(console.error);

    return () => {
      ended = true;
      listening.then((stop) => stop()).catch(console.error);
    };
  }, [bridge]);

  return received;
}
