import { useSyncExternalStore } from 'react';

/** A value that components read and anybody sets: the smallest store there is. */
export interface Store<T> {
  get(): T;
  set(next: T | ((before: T) => T)): void;
  subscribe(listener: () => void): () => void;
}

export function store<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      const made = typeof next === 'function' ? (next as (before: T) => T)(value) : next;
      if (Object.is(made, value)) return;
      value = made;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(from: Store<T>): T {
  return useSyncExternalStore(from.subscribe, from.get);
}

/** Reads a part: the component renders again when the part is another one (`Object.is`), and only then. */
export function useSelected<T, R>(from: Store<T>, select: (value: T) => R): R {
  return useSyncExternalStore(from.subscribe, () => select(from.get()));
}

/** What a browser keeps between visits; where it keeps nothing, the value lives as long as the page. */
export function kept<T extends string>(key: string, initial: T): Store<T> {
  let found: string | null = null;
  try {
    found = localStorage.getItem(`sluice.${key}`);
  } catch {
    // No storage in this browser.
  }
  const made = store<T>((found as T | null) ?? initial);
  made.subscribe(() => {
    try {
      localStorage.setItem(`sluice.${key}`, made.get());
    } catch {
      // As above.
    }
  });
  return made;
}
