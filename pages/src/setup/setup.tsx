/** Loads the description, and shows set-up or Settings. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { SetupBridge } from "../bridge";
import type { AppPhase, SetupDescription } from "../protocol";
import { FirstRun } from "./first-run";
import { Settings } from "./settings";

type Known = { description: SetupDescription; phase: AppPhase | null };

type Props = {
  bridge: SetupBridge;
  /** Called when the first content is there. */
  onKnown?: () => void;
};

export function Setup({ bridge, onKnown }: Props) {
  const [known, setKnown] = useState<Known | null>(null);
  const [trouble, setTrouble] = useState(false);
  const told = useRef(false);

  const describe = async (): Promise<SetupDescription | null> => {
    try {
      return await bridge.send({ op: "describe" });
    } catch (error) {
      console.error(error);
      return null;
    }
  };
  const load = async () => {
    setTrouble(false);
    const asked = bridge.status().then(
      (status) => status.phase,
      () => null,
    );
    const [description, phase] = await Promise.all([describe(), asked]);
    if (description === null) return setTrouble(true);
    setKnown({ description, phase });
  };
  const refresh = async () => {
    const description = await describe();
    if (description !== null) setKnown((before) => before && { ...before, description });
    return description;
  };

  useEffect(() => void load(), [bridge]);
  useEffect(() => {
    if (known === null) return;
    document.title = titleOf(known.description);
    if (!told.current) onKnown?.();
    told.current = true;
  }, [known, onKnown]);

  if (known === null) return trouble ? <NoAnswer onRetry={() => void load()} /> : <Waiting />;
  const { description, phase } = known;
  if (description.purpose === "settings") {
    return <Settings bridge={bridge} description={description} refresh={refresh} />;
  }
  return <FirstRun bridge={bridge} description={description} phase={phase} refresh={refresh} />;
}

function Waiting() {
  return <main class="setup" aria-busy="true" />;
}

function NoAnswer({ onRetry }: { onRetry: () => void }) {
  return (
    <main class="setup greeting">
      <div role="alert">
        <h1>The app is not responding</h1>
        <p class="text">It may be busy, or it was closed. Nothing is lost.</p>
      </div>
      <div class="actions">
        <button type="button" class="primary" onClick={onRetry}>
          Try again
        </button>
      </div>
    </main>
  );
}

function titleOf({ app, purpose }: SetupDescription): string {
  return purpose === "settings" ? `${app.name}: Settings` : app.name;
}
