import { MAX_TAIL_BYTES, MAX_TAIL_EVENTS } from '../limits.ts';
import { type LogEvent, sizeOf } from './batch.ts';

/** Of more than so much in a second the rest is left out. */
export function makeMeter() {
  let second = 0;
  let taken = { events: 0, bytes: 0 };
  let full = false;
  let skipped = false;
  return {
    takes(event: LogEvent, now: number): boolean {
      const current = Math.floor(now / 1000);
      if (current !== second) {
        second = current;
        taken = { events: 0, bytes: 0 };
        full = false;
      }
      const bytes = taken.bytes + sizeOf(event);
      full ||= taken.events >= MAX_TAIL_EVENTS || (taken.events > 0 && bytes > MAX_TAIL_BYTES);
      if (full) skipped = true;
      else taken = { events: taken.events + 1, bytes };
      return !full;
    },
    skip() {
      skipped = true;
    },
    /** Whether something was left out since this was asked last. */
    sampled(): boolean {
      const was = skipped;
      skipped = false;
      return was;
    },
  };
}
