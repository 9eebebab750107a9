/** Loads set-up and Settings on demand: a usual start does not need them. */

import { useEffect, useState } from "preact/hooks";
import type { Bridge } from "../bridge";
import type { Setup } from "../setup/setup";
import { usePainted } from "./use-painted";

type Props = {
  bridge: Bridge;
  /** Called when its first content is there. */
  onKnown: () => void;
};

export function LazySetup({ bridge, onKnown }: Props) {
  const [Loaded, setLoaded] = useState<typeof Setup | null>(null);
  useEffect(() => {
    import("../setup/in-window").then((loaded) => setLoaded(() => loaded.Setup), console.error);
  }, []);
  if (Loaded === null) return <main class="splash" aria-busy="true" />;
  return <Loaded bridge={bridge} onKnown={onKnown} />;
}

/** The window's page when it shows Settings and nothing else. */
export function SettingsWindow({ bridge }: { bridge: Bridge }) {
  const [known, setKnown] = useState(false);
  usePainted(bridge, known, false);
  return <LazySetup bridge={bridge} onKnown={() => setKnown(true)} />;
}
