import { useSyncExternalStore } from 'react';

/** A value that outlives components and that they follow: `now` outside of them, `use` in them. */
export function store<T>(first: T) {
  let value = first;
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  const now = () => value;
  return {
    now,
    set(next: T) {
      value = next;
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, now),
  };
}
