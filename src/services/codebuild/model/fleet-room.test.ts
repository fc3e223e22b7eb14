import type { Fleet } from '@aws-sdk/client-codebuild';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  capacityOf,
  type FleetUse,
  reserved,
  roomOnDemand,
  roomOnFleet,
  shownFleet,
} from './fleet-room.ts';

const use = (arn: string, baseCapacity: number, running = 0, more: Fleet = {}): FleetUse => ({
  fleet: { arn, name: arn, baseCapacity, ...more },
  running,
  queued: 1,
});
const scaling = (maxCapacity: number, targetValue = 100) => ({
  scalingConfiguration: {
    ...{ scalingType: 'TARGET_TRACKING_SCALING' as const, maxCapacity },
    targetTrackingScalingConfigs: [{ metricType: 'FLEET_UTILIZATION_RATE' as const, targetValue }],
  },
});
const overflow = { overflowBehavior: 'ON_DEMAND' as const };

test.each([
  ['as many as at first', { baseCapacity: 2 }, 9, 2],
  ['by scaling as many as there are builds', { baseCapacity: 1, ...scaling(4) }, 3, 3],
  ['and more where machines are not to be busy', { baseCapacity: 1, ...scaling(9, 50) }, 3, 6],
  ['up to the most', { baseCapacity: 1, ...scaling(4) }, 30, 4],
  ['and no fewer than at first', { baseCapacity: 3, ...scaling(4) }, 0, 3],
] as const)('CB-J8: a fleet has machines %s', (_, fleet, demand, capacity) => {
  expect(capacityOf(fleet as Fleet, demand)).toBe(capacity);
});

test.each([
  ['a free machine', use('f', 2, 1), 1, { on: 'fleet' }],
  ['none', use('f', 2, 2), 2, { waits: 'All 2 machines of the fleet f are in use' }],
  ['none, and overflow', use('f', 2, 2, overflow), 2, { on: 'demand' }],
  ['none, overflow, and a busy server', use('f', 2, 2, overflow), 9, { waits: expect.any(String) }],
  ['one more by scaling', use('f', 1, 1, scaling(2)), 1, { on: 'fleet' }],
  ['one, and a server that others fill', use('f', 2, 0), 9, { waits: expect.any(String) }],
] as [string, FleetUse, number, object][])(
  'CB-J8: a build of a fleet with %s',
  (_, own, running, room) => {
    expect(roomOnFleet([own], { builds: 8, running }, own)).toEqual(room);
  },
);

test('who came first has a machine first', () => {
  const own = use('f', 2, 1);
  expect(roomOnFleet([own], { builds: 8, running: 1 }, own, 1)).toHaveProperty('waits');
  expect(roomOnFleet([own], { builds: 8, running: 1 }, own)).toEqual({ on: 'fleet' });
});

test('what a fleet has to itself is left free by others, and used by it', () => {
  const [one, two] = [use('1', 2), use('2', 1)];
  const machine = { builds: 5, running: 2 };
  expect(roomOnDemand([one, two], machine)).toEqual({
    waits: 'The 5 builds that run here at a time are running, or kept for fleets',
  });
  expect(roomOnDemand([one, two], { builds: 6, running: 2 })).toEqual({ on: 'demand' });
  expect(roomOnFleet([one, two], machine, one)).toEqual({ on: 'fleet' });
});

test('one place is always left for builds of no fleet, and who gets less is told', () => {
  const fleets = [use('1', 3), use('2', 3)];
  const machine = { builds: 5, running: 0 };
  const kept = reserved(fleets, machine);
  expect([...kept.values()]).toEqual([3, 1]);
  expect(roomOnDemand(fleets, machine)).toEqual({ on: 'demand' });
  const [one, two] = fleets.map((each) =>
    shownFleet(each, { kept: kept.get(each.fleet.arn ?? '') ?? 0, machine, deleting: false }),
  );
  expect(one?.status).toEqual({ statusCode: 'ACTIVE' });
  expect(two?.status).toEqual({
    ...{ statusCode: 'ACTIVE', context: 'INSUFFICIENT_CAPACITY' },
    message: 'Of the 5 builds that run here at a time 1 are kept for this fleet',
  });
});

const fleets = fc.array(
  fc.record({ base: fc.integer({ min: 1, max: 9 }), extra: fc.nat({ max: 5 }), on: fc.boolean() }),
  { maxLength: 5 },
);

test('whoever comes in whatever order, a machine bears no more, nor a fleet, and nobody waits for nothing', () => {
  fc.assert(
    fc.property(
      fleets,
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat({ max: 9 }), { maxLength: 60 }),
      (made, builds, arrivals) => {
        const uses = made.map(({ base, extra, on }, index) =>
          use(`${index}`, base, 0, { ...scaling(base + extra), ...(on ? overflow : {}) }),
        );
        let [running, demand] = [0, 0];
        for (const arrival of arrivals) {
          const own = uses[arrival];
          const machine = { builds, running };
          const room = own ? roomOnFleet(uses, machine, own) : roomOnDemand(uses, machine);
          if (!('on' in room)) continue;
          running += 1;
          if (room.on === 'demand') demand += 1;
          else if (own) own.running += 1;
        }
        expect(running).toBeLessThanOrEqual(builds);
        const kept = reserved(uses, { builds, running });
        for (const each of uses) {
          const most = each.fleet.scalingConfiguration?.maxCapacity ?? 0;
          expect(each.running).toBeLessThanOrEqual(most);
          // What it has to itself it gets, whoever has come before.
          const first = each.running < (kept.get(each.fleet.arn ?? '') ?? 0);
          if (first) expect(roomOnFleet(uses, { builds, running }, each)).toEqual({ on: 'fleet' });
        }
        expect(demand).toBeLessThanOrEqual(builds - [...kept.values()].reduce((a, b) => a + b, 0));
      },
    ),
  );
});
