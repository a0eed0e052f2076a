/** A value outside React that components can watch: for streams and uploads that outlive the page that began them. */
import { useSyncExternalStore } from "react";

export interface ExternalStore<Value> {
  readonly get: () => Value;
  readonly set: (change: (value: Value) => Value) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createStore<Value>(initial: Value): ExternalStore<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(change) {
      value = change(value);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useStore = <Value>(store: ExternalStore<Value>): Value => useSyncExternalStore(store.subscribe, store.get);
