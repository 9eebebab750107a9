import { useSyncExternalStore } from "react";

/** One value, shared by the whole page and watched by whoever shows it. */
export class Observable<Value> {
  #value: Value;
  readonly #watchers = new Set<() => void>();

  constructor(initial: Value) {
    this.#value = initial;
  }

  get = (): Value => this.#value;

  set = (value: Value): void => {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of this.#watchers) watcher();
  };

  subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}

export function useObservable<Value>(observable: Observable<Value>): Value {
  return useSyncExternalStore(observable.subscribe, observable.get);
}
