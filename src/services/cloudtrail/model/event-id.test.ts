import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeEventIds, randomTails, timeOf } from './event-id.ts';

it('ids rise whatever the clock does, are UUIDs of version 7, and tell their time', () => {
  const steps = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (moves) => {
      const newId = makeEventIds(randomTails(randomBytes));
      let now = Date.UTC(2026, 0, 1);
      let before = '';
      let latest = 0;
      for (const move of moves) {
        now += move;
        latest = Math.max(latest, now);
        const id = newId(new Date(now));
        expect(id > before).toBe(true);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(timeOf(id)).toBe(latest);
        before = id;
      }
    }),
  );
});

it('more in a millisecond than have room there go on in the next', () => {
  const newId = makeEventIds(randomTails(randomBytes));
  const ids = Array.from({ length: 10_000 }, () => newId(new Date(1_000_000)));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

it('what is no id has no time', () => {
  expect(timeOf('')).toBeUndefined();
  expect(timeOf('e105f24b-7632-499e-86eb-0cbf0d2c6aed')).toBeUndefined();
});
