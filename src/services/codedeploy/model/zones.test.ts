import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minimumHosts } from './healthy-hosts.ts';
import { decideZones, minimumInZone, type ZonedHost, zoneOrder } from './zones.ts';

const count = (value: number) => ({ type: 'HOST_COUNT', value }) as const;
const percent = (value: number) => ({ type: 'FLEET_PERCENT', value }) as const;

/** Hosts of zones `a`, `b` … by their numbers; capitals are unhealthy. */
function fleet(...zones: string[]): ZonedHost[] {
  return zones.flatMap((hosts, zone) =>
    [...hosts].map((letter, index) => ({
      name: `${'abcdef'[zone]}-${String(index).padStart(3, '0')}`,
      zone: 'abcdef'[zone] ?? '',
      health: letter === 'P' ? ('Unhealthy' as const) : ('Healthy' as const),
      revision: letter === 'P' ? ('Unknown' as const) : ('Current' as const),
      state: 'Pending' as const,
    })),
  );
}

type Arguments = Parameters<typeof decideZones>;

/** Deploys a fleet to its end, an hour a batch. @returns batches as `a40`, times of waiting, and the end */
function play(
  minimum: Arguments[0],
  zonal: Arguments[1],
  hosts: ZonedHost[],
  fails: (host: ZonedHost) => boolean = () => false,
  look: () => void = () => undefined,
) {
  const [batches, waits]: [string[], number[]] = [[], []];
  let now = 1_000_000;
  for (let round = 0; round < 10_000; round++) {
    const decision = decideZones(minimum, zonal, hosts, now);
    if (decision.type === 'cancel') return { batches, waits, end: decision.code };
    if (decision.type === 'end') return { batches, waits, end: decision.succeeded };
    if (decision.type === 'bake') {
      waits.push(decision.until - now);
      now = decision.until;
      continue;
    }
    const running = hosts.filter(({ name }) => decision.names.includes(name));
    for (const host of running) host.state = 'InProgress';
    look();
    batches.push(`${running[0]?.zone}${running.length}`);
    now += 3600_000;
    for (const host of running)
      Object.assign(host, { state: fails(host) ? 'Failed' : 'Succeeded', endedAt: now });
  }
  throw new Error('no end');
}

describe('deployments by availability zones', () => {
  test('CD-MHH-12: the example of AWS: 200 hosts, 160 healthy, 100 in a zone, 50 healthy there', () => {
    const zones = ['p'.repeat(100), 'p'.repeat(100)];
    expect(play(count(160), { minimumHealthyHostsPerZone: count(50) }, fleet(...zones))).toEqual({
      ...{ batches: ['a40', 'a40', 'a20', 'b40', 'b40', 'b20'], waits: [], end: true },
    });
  });

  test.each([
    ['the zone’s minimum is the narrower', count(2), percent(50), ['pppp', 'pppp'], 'a2a2b2b2'],
    ['the fleet’s is', count(7), percent(0), ['pppp', 'pppp'], 'a1a1a1a1b1b1b1b1'],
    ['nothing said of zones: none has to stay', count(0), undefined, ['ppp', 'pp'], 'a3b2'],
    ['the zone with unhealthy hosts is first', count(3), undefined, ['pp', 'pP'], 'b1b1a1a1'],
    ['rounded up in each zone', count(0), percent(34), ['ppp', 'pp'], 'a1a1a1b1b1'],
    ['of unhealthy hosts as many as the fleet spares', count(2), undefined, ['PPPP'], 'a2a2'],
    ['and as the zone spares', count(0), count(3), ['PPPP'], 'a1a1a1a1'],
    ['unhealthy ones of later zones first', count(3), undefined, ['Pp', 'Pp'], 'a1b1a1b1'],
  ] as const)('CD-MHH-12: %s', (_words, minimum, perZone, zones, batches) => {
    const zonal = { ...(perZone && { minimumHealthyHostsPerZone: perZone }) };
    const played = play(minimum, zonal, fleet(...zones));
    expect([played.batches.join(''), played.end]).toEqual([batches, true]);
  });

  test('CD-CFG-07: the first zone is looked at for a time of its own, others for theirs, the last not at all', () => {
    const zonal = { firstZoneMonitorDurationInSeconds: 90, monitorDurationInSeconds: 30 };
    expect(play(count(0), zonal, fleet('p', 'p', 'p')).waits).toEqual([90_000, 30_000]);
    const one = { monitorDurationInSeconds: 30 };
    expect(play(count(0), one, fleet('p', 'p', 'p')).waits).toEqual([30_000, 30_000]);
  });

  test.each([
    ['a zone that has no host to spare', count(0), count(1), ['pp', 'p']],
    ['a fleet that has none', count(3), count(0), ['pp', 'p']],
  ] as const)('CD-MHH-07: %s is not begun with', (_words, minimum, perZone, zones) => {
    const played = play(minimum, { minimumHealthyHostsPerZone: perZone }, fleet(...zones));
    expect(played).toMatchObject({ batches: [], end: 'HEALTH_CONSTRAINTS_INVALID' });
  });

  test('CD-MHH-12: a zone that fell to its minimum ends the deployment, unless by its last host', () => {
    const zonal = { minimumHealthyHostsPerZone: count(2) };
    const failing = (name: string) =>
      play(count(0), zonal, fleet('ppp', 'ppp'), (host) => host.name === name);
    expect(failing('a-000')).toMatchObject({ batches: ['a1'], end: 'HEALTH_CONSTRAINTS' });
    expect(failing('a-002')).toMatchObject({ end: true });
    expect(failing('b-001')).toMatchObject({ end: 'HEALTH_CONSTRAINTS' });
    // Nor are hosts tried that are unhealthy anyway.
    const unhealthy = play(count(0), zonal, fleet('PPp'), () => true);
    expect(unhealthy).toMatchObject({ batches: ['a1'], end: 'HEALTH_CONSTRAINTS' });
  });

  test('CD-MHH-04: the deployment fails when in the end fewer hosts have the revision than have to be healthy', () => {
    const played = play(count(2), {}, fleet('PPPP'), ({ name }) => name !== 'a-000');
    expect(played).toMatchObject({ batches: ['a2', 'a2'], end: false });
  });

  test('CD-MHH-12: the next zone waits for the last host of the one before', () => {
    const [first, second] = fleet('p', 'p');
    if (!first || !second) throw new Error('no fleet');
    const hosts = [{ ...first, state: 'InProgress' as const }, second];
    expect(decideZones(count(0), {}, hosts, 0)).toEqual({ type: 'start', names: [] });
  });

  test('CD-MHH-12: whatever happens, one zone at a time, and neither minimum is undercut by the deployment', () => {
    const size = fc.array(fc.constantFrom('p', 'P'), { minLength: 1, maxLength: 8 });
    const minimums = (most: number) =>
      fc.oneof(fc.nat({ max: most }).map(count), fc.nat({ max: 99 }).map(percent));
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 4 }),
        minimums(20),
        minimums(8),
        fc.array(fc.boolean(), { minLength: 32, maxLength: 32 }),
        (zones, minimum, perZone, failing) => {
          const hosts = fleet(...zones.map((letters) => letters.join('')));
          const zonal = { minimumHealthyHostsPerZone: perZone };
          const wellIn = (zone?: string) =>
            hosts.filter(
              ({ state, health, zone: z }) =>
                (zone === undefined || zone === z) &&
                (state === 'Succeeded' || (state === 'Pending' && health === 'Healthy')),
            ).length;
          const began = new Map(zoneOrder(hosts).map((zone) => [zone, wellIn(zone)]));
          const total = wellIn();
          const { batches } = play(
            ...([minimum, zonal, hosts] as const),
            (host) => failing[hosts.indexOf(host)] ?? false,
            () => {
              const running = hosts.filter(({ state }) => state === 'InProgress');
              expect(new Set(running.map(({ zone }) => zone)).size).toBeLessThanOrEqual(1);
              const least = minimumHosts(minimum, hosts.length);
              expect(wellIn()).toBeGreaterThanOrEqual(Math.min(total, least));
              for (const [zone, before] of began) {
                const all = hosts.filter((host) => host.zone === zone).length;
                expect(wellIn(zone)).toBeGreaterThanOrEqual(
                  Math.min(before, minimumInZone(zonal, all)),
                );
              }
            },
          );
          const order = [...new Set(batches.map(([zone]) => zone))];
          expect(order).toEqual(zoneOrder(hosts).slice(0, order.length));
        },
      ),
    );
  });
});
