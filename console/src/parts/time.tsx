import { useSyncExternalStore } from 'react';
import { durationText, sinceText } from './time-text.ts';

/** One clock for all that shows how long ago something was. */
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Epoch ms, a new one each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** How long ago; the whole time when the pointer rests on it. */
export function Time({ at }: { at: Date | undefined }) {
  const current = useNow();
  if (at === undefined) return <>–</>;
  return (
    <time dateTime={at.toISOString()} title={at.toLocaleString()}>
      {sinceText(at.getTime(), Math.max(current, at.getTime()))}
    </time>
  );
}

/** From a begin to an end, or until now. */
export function Duration({ from, to }: { from: Date | undefined; to?: Date | undefined }) {
  const current = useNow();
  if (from === undefined) return <>–</>;
  return <span>{durationText(Math.max(0, (to?.getTime() ?? current) - from.getTime()))}</span>;
}
