import { expect, test } from 'vitest';
import { Draft } from './draft.ts';
import type { Scheduled } from './group.ts';
import { nextTime, runSchedules } from './schedule.ts';
import { newGroup } from './testing.ts';
import { nextLook } from './wake.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

test.each([
  ['0 0 30 2 *', undefined, undefined],
  ['0 1 * * *', undefined, NOW + HOUR],
  ['0 1 * * *', 'Europe/Berlin', NOW + 24 * HOUR],
])('%j in the zone %s is due at %s', (recurrence, zone, at) =>
  expect(nextTime(recurrence, zone, NOW)).toBe(at),
);

const after = (one: Partial<Scheduled>) => {
  const its = { id: 's', name: 's', next: NOW, desired: 3, ...one };
  const draft = new Draft(newGroup({ schedules: [its] }), NOW);
  runSchedules(draft);
  return { desired: draft.body.desired, next: draft.body.schedules.map(({ next }) => next) };
};

test.each([
  ['once', {}, { desired: 3, next: [] }],
  ['again', { recurrence: '0 1 * * *' }, { desired: 3, next: [NOW + HOUR] }],
  ['no more', { recurrence: '0 1 * * *', end: NOW + HOUR }, { desired: 3, next: [] }],
  ['never', { recurrence: '0 1 * * *', end: NOW }, { desired: 2, next: [] }],
  ['not again', { recurrence: '0 0 30 2 *' }, { desired: 3, next: [] }],
])('it is done %s', (_, one, what) => expect(after(one)).toEqual(what));

test('nothing is looked at later than there are dates', () => {
  const schedules = [{ id: 's', name: 's', next: Number.MAX_SAFE_INTEGER }];
  expect(nextLook(new Draft(newGroup({ schedules, desired: 0 }), NOW))).toBeUndefined();
});
