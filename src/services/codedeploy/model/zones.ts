import type { MinimumHealthyHosts, ZonalConfig } from '@aws-sdk/client-codedeploy';
import { greatest } from '../../../lib/append.ts';
import { deploymentOrder, type FleetDecision, type Host, minimumHosts } from './healthy-hosts.ts';

/** A host whose availability zone is known. */
export interface ZonedHost extends Host {
  zone: string;
  /** When it came to its end, in epoch milliseconds. */
  endedAt?: number;
}

/** Zones in the order in which they are deployed to: those with unhealthy hosts first (CD-MHH-03), then by name. */
export function zoneOrder(hosts: readonly ZonedHost[]): string[] {
  const worse = new Set(hosts.filter((h) => h.health === 'Unhealthy').map((h) => h.zone));
  const rank = (zone: string) => (worse.has(zone) ? 0 : 1);
  return [...new Set(hosts.map(({ zone }) => zone))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  );
}

/** Hosts of a zone that must stay healthy; none where nothing is said (CD-CFG-07). */
export function minimumInZone({ minimumHealthyHostsPerZone: minimum }: ZonalConfig, total: number) {
  return minimum ? minimumHosts(minimum as MinimumHealthyHosts, total) : 0;
}

export type ZonalDecision =
  | FleetDecision
  /** A zone is done, and is looked at until then (epoch milliseconds) before the next one begins. */
  | { type: 'bake'; until: number };

/**
 * What to do next with the hosts of a zonal deployment (CD-MHH-12): one zone after another, as many hosts at once as both
 * minimums leave, the fleet's and the zone's; both are watched throughout, in all zones.
 */
export function decideZones(
  minimum: MinimumHealthyHosts,
  zonal: ZonalConfig,
  hosts: readonly ZonedHost[],
  now: number,
): ZonalDecision {
  const zones = zoneOrder(hosts).map((zone) => standing(zone, zonal, hosts));
  const total = hosts.length;
  const min = minimumHosts(minimum, total);
  const count = (state: Host['state']) => hosts.filter((host) => host.state === state).length;
  const [running, succeeded, failed] = [count('InProgress'), count('Succeeded'), count('Failed')];
  if (total <= min || zones.some((zone) => zone.total <= zone.min))
    return { type: 'cancel', code: 'HEALTH_CONSTRAINTS_INVALID' };
  if (count('Pending') === 0) {
    if (running > 0) return { type: 'start', names: [] };
    return { type: 'end', succeeded: succeeded > 0 && succeeded >= min };
  }
  const tooMany = zones.some((z) => z.failed > 0 && z.pending > 0 && z.total - z.failed <= z.min);
  if (tooMany || (failed > 0 && total - failed <= min))
    return { type: 'cancel', code: 'HEALTH_CONSTRAINTS' };

  const position = zones.findIndex((zone) => zone.pending + zone.running > 0);
  const zone = zones[position];
  if (!zone || zone.pending === 0) return { type: 'start', names: [] };
  // Those of a later zone that were unhealthy, and came before their turn.
  if (zone.running < running) return { type: 'start', names: [] };
  const bakesUntil = bakeEnd(zonal, zones[position - 1], position);
  if (!zone.begun && now < bakesUntil) return { type: 'bake', until: bakesUntil };
  const room = Math.min(total - min - running, zone.total - zone.min - zone.running);
  const inZone = hosts.filter((host) => host.zone === zone.name);
  const pending = deploymentOrder(inZone.filter((host) => host.state === 'Pending'));
  const unhealthy = pending.filter((host) => host.health === 'Unhealthy');
  if (unhealthy.length > 0) return start(unhealthy, room);
  if (inZone.some((host) => host.state === 'InProgress' && host.health === 'Unhealthy'))
    return { type: 'start', names: [] };
  const isHealthy = (host: Host) =>
    host.state === 'Succeeded' || (host.state === 'Pending' && host.health === 'Healthy');
  const spareInZone = inZone.filter(isHealthy).length - zone.min;
  const spare = Math.min(hosts.filter(isHealthy).length - min, spareInZone);
  if (spare <= 0 && running === 0) {
    // Hosts of later zones that are unhealthy now will be healthy: what they do not serve nobody misses, so they come first.
    const next = zones.find((one) => one !== zone && unhealthyIn(hosts, one.name).length > 0);
    const roomThere = next ? Math.min(total - min, next.total - next.min) : 0;
    if (!next || roomThere <= 0 || spareInZone <= 0)
      return { type: 'cancel', code: 'HEALTH_CONSTRAINTS' };
    return start(unhealthyIn(hosts, next.name), roomThere);
  }
  return start(pending, Math.min(room, spare));
}

const unhealthyIn = (hosts: readonly ZonedHost[], name: string): ZonedHost[] =>
  deploymentOrder(
    hosts.filter(
      ({ zone, state, health }) => zone === name && state === 'Pending' && health === 'Unhealthy',
    ),
  );

interface Standing {
  name: string;
  total: number;
  min: number;
  pending: number;
  running: number;
  failed: number;
  begun: boolean;
  endedAt: number;
}

function standing(name: string, zonal: ZonalConfig, hosts: readonly ZonedHost[]): Standing {
  const inZone = hosts.filter((host) => host.zone === name);
  const count = (state: Host['state']) => inZone.filter((host) => host.state === state).length;
  const total = inZone.length;
  return {
    ...{ name, total, min: minimumInZone(zonal, total) },
    ...{ pending: count('Pending'), running: count('InProgress'), failed: count('Failed') },
    begun: count('Pending') < total,
    endedAt: greatest(inZone.map(({ endedAt = 0 }) => endedAt)) ?? 0,
  };
}

/** When the zone before the one at `position` has been looked at long enough; the first one has a time of its own. */
function bakeEnd(zonal: ZonalConfig, before: Standing | undefined, position: number): number {
  if (!before) return 0;
  const { monitorDurationInSeconds: each = 0, firstZoneMonitorDurationInSeconds: first = each } =
    zonal;
  return before.endedAt + (position === 1 ? first : each) * 1000;
}

function start(candidates: Host[], count: number): FleetDecision {
  return { type: 'start', names: candidates.slice(0, Math.max(0, count)).map(({ name }) => name) };
}
