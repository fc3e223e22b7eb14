import { expect, it } from 'vitest';
import { MAX_TAIL_BYTES, MAX_TAIL_EVENTS } from '../limits.ts';
import { makeMeter } from './tail-meter.ts';

const event = (length = 1) => ({ timestamp: 0, message: 'x'.repeat(length) });
const MEGABYTE = 1_048_576;

it('takes so many events in a second, says that others were left out, and begins anew with the next second', () => {
  const meter = makeMeter();
  const taken = Array.from({ length: MAX_TAIL_EVENTS + 1 }, () => meter.takes(event(), 999));
  expect(taken.lastIndexOf(true)).toBe(MAX_TAIL_EVENTS - 1);
  expect([meter.sampled(), meter.sampled()]).toEqual([true, false]);
  expect([meter.takes(event(), 1000), meter.sampled()]).toEqual([true, false]);
});

it('takes so many bytes in a second, or one event that is larger; nothing that comes later goes before what was left out', () => {
  const meter = makeMeter();
  const half = event(MAX_TAIL_BYTES / 2);
  expect([half, half, event()].map((one) => meter.takes(one, 0))).toEqual([true, false, false]);
  expect(meter.takes(event(3 * MEGABYTE), 1000)).toBe(true);
  expect([meter.takes(event(), 1000), meter.sampled()]).toEqual([false, true]);
});
