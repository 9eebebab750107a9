/** The app's icon, or a monogram in a colour of its own. */

import { useState } from "preact/hooks";
import type { AppIdentity } from "../protocol";

export function AppIcon({ app }: { app: AppIdentity }) {
  const [broken, setBroken] = useState<string | null>(null);
  if (app.icon !== null && app.icon !== broken) {
    return <img class="app-icon" src={app.icon} alt="" onError={() => setBroken(app.icon)} />;
  }
  return (
    <div class="app-icon monogram" aria-hidden="true" style={{ "--hue": String(hue(app.name)) }}>
      {monogram(app.name)}
    </div>
  );
}

/** Returns "I" for "Items" and "FN" for "Field Notes". */
export function monogram(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? "");
  return letters.join("").toUpperCase() || "•";
}

/** Returns a hue that is always the same for a name. */
function hue(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 3600;
  return hash % 360;
}
