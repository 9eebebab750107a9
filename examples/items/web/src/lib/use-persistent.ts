import { useCallback, useState } from "react";
import { storage } from "@/lib/storage";

/** A choice out of a few that the next start of the app still knows. */
export function usePersistentChoice<Value extends string>(
  key: string,
  choices: readonly Value[],
  fallback: Value,
): [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => {
    const stored = storage.get(key);
    return choices.find((choice) => choice === stored) ?? fallback;
  });
  const choose = useCallback(
    (next: Value) => {
      storage.set(key, next);
      setValue(next);
    },
    [key],
  );
  return [value, choose];
}
