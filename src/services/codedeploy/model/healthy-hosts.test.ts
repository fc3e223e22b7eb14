import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideFleet, deploymentOrder, type Host, minimumHosts } from './healthy-hosts.ts';

const oneAtATime = { type: 'MOST_CONCURRENCY' as never, value: 1 };
const half = { type: 'FLEET_PERCENT', value: 50 } as const;
const all = { type: 'HOST_COUNT', value: 0 } as const;
const count = (value: number) => ({ type: 'HOST_COUNT', value }) as const;
const percent = (value: number) => ({ type: 'FLEET_PERCENT', value }) as const;

/** `hPsf`: a healthy host pending, in progress, succeeded, failed; capitals for hosts that were unhealthy. */
function fleet(text: string): Host[] {
  const states = { p: 'Pending', i: 'InProgress', s: 'Succeeded', f: 'Failed' } as const;
  return [...text].map((letter, index) => ({
    name: `host-${String(index).padStart(3, '0')}`,
    health: letter === letter.toUpperCase() ? 'Unhealthy' : 'Healthy',
    revision: letter === letter.toUpperCase() ? 'Unknown' : 'Current',
    state: states[letter.toLowerCase() as keyof typeof states],
  }));
}

/** Deploys a fleet to its end; `fails` names the hosts that fail. Returns the batches and the end. */
function play(
  minimum: Parameters<typeof decideFleet>[0],
  hosts: Host[],
  fails: (index: number) => boolean,
) {
  const batches: number[] = [];
  for (let round = 0; round < 10_000; round++) {
    const decision = decideFleet(minimum, hosts);
    const running = () => hosts.filter((host) => host.state === 'InProgress');
    if (decision.type === 'cancel') return { batches, end: decision.code, hosts };
    if (decision.type === 'end') return { batches, end: decision.succeeded, hosts };
    for (const host of hosts) if (decision.names.includes(host.name)) host.state = 'InProgress';
    batches.push(running().length);
    for (const host of running()) host.state = fails(hosts.indexOf(host)) ? 'Failed' : 'Succeeded';
  }
  throw new Error('no end');
}

describe('minimum healthy hosts', () => {
  test.each([
    [percent(50), 9, 5],
    [percent(40), 9, 4],
    [percent(95), 10, 10],
    [percent(0), 10, 0],
    [count(6), 9, 6],
    [oneAtATime, 10, 9],
    [oneAtATime, 1, 0],
  ])('CD-MHH-01: %o of %i hosts is %i', (minimum, total, expected) => {
    expect(minimumHosts(minimum, total)).toBe(expected);
  });

  test('CD-MHH-03: unhealthy, unknown, old, current', () => {
    const host = (name: string, health: Host['health'], revision: Host['revision']) => ({
      name,
      health,
      revision,
    });
    const sorted = deploymentOrder([
      host('a', 'Healthy', 'Current'),
      host('b', 'Healthy', 'Old'),
      host('c', 'Healthy', 'Unknown'),
      host('d', 'Unhealthy', 'Current'),
    ]);
    expect(sorted.map((h) => h.name).join('')).toBe('dcba');
  });

  test.each([
    [count(3), 10, [7, 3]],
    [count(9), 10, Array(10).fill(1)],
    [count(8), 10, Array(5).fill(2)],
    [all, 10, [10]],
    [count(6), 9, [3, 3, 3]],
    [percent(40), 9, [5, 4]],
    [half, 4, [2, 2]],
    [half, 3, [1, 1, 1]],
    [oneAtATime, 3, [1, 1, 1]],
  ])('CD-MHH-05: %o of %i healthy hosts deploys in batches %j', (minimum, total, batches) => {
    expect(play(minimum, fleet('p'.repeat(total)), () => false)).toMatchObject({
      batches,
      end: true,
    });
  });

  test.each([
    ['10/9: the last fails', count(9), 10, [9], true],
    ['10/9: the first fails', count(9), 10, [0], 'HEALTH_CONSTRAINTS'],
    ['10/8: the second failure is the last host', count(8), 10, [0, 9], true],
    ['10/8: two failures before the last', count(8), 10, [0, 4], 'HEALTH_CONSTRAINTS'],
    ['9/6: three failures, the last of them the last host', count(6), 9, [0, 1, 8], true],
    ['one at a time: only the last may fail', oneAtATime, 3, [2], true],
    ['one at a time: the second fails', oneAtATime, 3, [1], 'HEALTH_CONSTRAINTS'],
    ['half of 4: one of the first fails', half, 4, [0], true],
    ['half of 4: both of the first fail', half, 4, [0, 1], 'HEALTH_CONSTRAINTS'],
    ['all at once: one of three succeeds', all, 3, [0, 1], true],
  ] as const)('CD-MHH-06: %s', (_name, minimum, total, failing: readonly number[], end) => {
    expect(play(minimum, fleet('p'.repeat(total)), (i) => failing.includes(i)).end).toBe(end);
  });

  test.each([
    [percent(95), 10],
    [count(3), 3],
    [half, 1],
  ])('CD-MHH-07: %o of %i hosts cannot be met, and no host is touched', (minimum, total) => {
    const hosts = fleet('p'.repeat(total));
    expect(decideFleet(minimum, hosts)).toEqual({
      type: 'cancel',
      code: 'HEALTH_CONSTRAINTS_INVALID',
    });
  });

  test.each([all, oneAtATime])('CD-MHH-08: one host at least must succeed (%o)', (minimum) => {
    expect(play(minimum, fleet('p'), () => true).end).toBe(false);
    expect(play(minimum, fleet('P'), () => true).end).toBe(false);
  });

  test('CD-MHH-03, 04: the unhealthy are deployed first, and then there must be more than the minimum', () => {
    const first = decideFleet(count(8), fleet('ppppppppPP'));
    expect(first).toEqual({ type: 'start', names: ['host-008', 'host-009'] });
    expect(decideFleet(count(8), fleet('ppppppppFF'))).toEqual({
      type: 'cancel',
      code: 'HEALTH_CONSTRAINTS',
    });
    expect(decideFleet(count(8), fleet('ppppppppSF'))).toEqual({
      type: 'start',
      names: ['host-000'],
    });
    expect(decideFleet(count(8), fleet('ppppppppSI'))).toEqual({ type: 'start', names: [] });
  });

  test('CD-MHH-05: the first deployment to a fleet keeps the same pace', () => {
    expect(play(half, fleet('PPPP'), () => false)).toMatchObject({ batches: [2, 2], end: true });
    expect(play(oneAtATime, fleet('PPP'), () => false)).toMatchObject({
      batches: [1, 1, 1],
      end: true,
    });
  });

  test('CD-MHH-05, 06: whatever happens, healthy hosts never fall below the minimum by the deployment’s own doing', () => {
    const arbitrary = fc.record({
      letters: fc.array(fc.constantFrom('p', 'P'), { minLength: 1, maxLength: 30 }),
      minimum: fc.oneof(
        fc.integer({ min: 0, max: 30 }).map(count),
        fc.integer({ min: 0, max: 99 }).map(percent),
        fc.constant(oneAtATime),
      ),
      failing: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ letters, minimum, failing }) => {
        const hosts = fleet(letters.join(''));
        const min = minimumHosts(minimum, hosts.length);
        const startedHealthy = hosts.filter((h) => h.health === 'Healthy').length;
        const healthyNow = () =>
          hosts.filter(
            (h) => h.state === 'Succeeded' || (h.state === 'Pending' && h.health === 'Healthy'),
          ).length;
        let lowest = startedHealthy;
        const { end } = play(minimum, hosts, (index) => {
          lowest = Math.min(lowest, healthyNow());
          return failing[index] ?? false;
        });
        expect(lowest).toBeGreaterThanOrEqual(Math.min(startedHealthy, min));
        const succeeded = hosts.filter((h) => h.state === 'Succeeded').length;
        if (end === true) expect(succeeded).toBeGreaterThanOrEqual(Math.max(1, min));
        if (end === 'HEALTH_CONSTRAINTS_INVALID') expect(succeeded).toBe(0);
      }),
    );
  });
});
