import type { MinimumHealthyHosts } from '@aws-sdk/client-codedeploy';

/** What CodeDeploy knows of a host when a deployment starts (CD-MHH-02). */
export interface HostRecord {
  /** Healthy: the last deployment to it succeeded. Unhealthy: it failed, or there was none. */
  health: 'Healthy' | 'Unhealthy';
  /** Against the group's last successful revision; Unknown without a successful install. */
  revision: 'Current' | 'Old' | 'Unknown';
}

/** Where a host stands in one deployment. */
export interface Host extends HostRecord {
  name: string;
  state: 'Pending' | 'InProgress' | 'Succeeded' | 'Failed';
}

/**
 * Hosts that must stay healthy, of `total` (CD-MHH-01; rounded up). One at a time (which AWS reports as
 * MOST_CONCURRENCY 1) keeps all but one.
 */
export function minimumHosts(minimum: MinimumHealthyHosts, total: number): number {
  const value = minimum.value ?? 0;
  if (minimum.type === 'FLEET_PERCENT') return Math.ceil((total * value) / 100);
  if (minimum.type === 'HOST_COUNT') return value;
  return Math.max(0, total - value);
}

/** Sorts hosts into the order in which they are deployed to (CD-MHH-03): the worst off first. */
export function deploymentOrder<H extends HostRecord & { name: string }>(hosts: H[]): H[] {
  const rank = (host: H) =>
    host.health === 'Unhealthy' ? 0 : { Unknown: 1, Old: 2, Current: 3 }[host.revision];
  return [...hosts].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

export type FleetDecision =
  /** Start these hosts now (none: wait for those in progress). */
  | { type: 'start'; names: string[] }
  /** Too few would stay healthy: pending hosts are skipped, those in progress end, then it has failed. */
  | { type: 'cancel'; code: 'HEALTH_CONSTRAINTS' | 'HEALTH_CONSTRAINTS_INVALID' }
  /** Nothing is pending or in progress. */
  | { type: 'end'; succeeded: boolean };

/** What to do next with the hosts of a deployment: CD-MHH-03 to 08. `hosts` is the whole fleet. */
export function decideFleet(minimum: MinimumHealthyHosts, hosts: Host[]): FleetDecision {
  const total = hosts.length;
  const min = minimumHosts(minimum, total);
  const inState = (state: Host['state']) => hosts.filter((host) => host.state === state);
  const pending = deploymentOrder(inState('Pending'));
  const running = inState('InProgress').length;
  const succeeded = inState('Succeeded').length;
  const failed = inState('Failed').length;
  if (total <= min) return { type: 'cancel', code: 'HEALTH_CONSTRAINTS_INVALID' };
  if (pending.length === 0) {
    if (running > 0) return { type: 'start', names: [] };
    return { type: 'end', succeeded: succeeded > 0 && succeeded >= min };
  }
  // Even if every other host succeeds: a failure may only leave the minimum when it is the last host's.
  if (failed > 0 && total - failed <= min) return { type: 'cancel', code: 'HEALTH_CONSTRAINTS' };

  const room = total - min - running;
  const unhealthy = pending.filter((host) => host.health === 'Unhealthy');
  if (unhealthy.length > 0) return start(unhealthy, room);
  if (hosts.some((host) => host.state === 'InProgress' && host.health === 'Unhealthy')) {
    return { type: 'start', names: [] };
  }
  const healthy = succeeded + pending.length;
  if (healthy <= min && running === 0) return { type: 'cancel', code: 'HEALTH_CONSTRAINTS' };
  return start(pending, Math.min(room, healthy - min));
}

function start(candidates: Host[], count: number): FleetDecision {
  return { type: 'start', names: candidates.slice(0, Math.max(0, count)).map((host) => host.name) };
}

/** Revision health of a host that last installed `installed` successfully, in a group whose last successful revision is `target`. */
export function revisionHealth(
  installed: string | null,
  target: string | undefined,
): HostRecord['revision'] {
  if (installed === null) return 'Unknown';
  return installed === target ? 'Current' : 'Old';
}

/** What is stored of a host between deployments. `revision`: key of what it last installed; null: unknown. */
export interface StoredHost {
  name: string;
  health: HostRecord['health'];
  revision: string | null;
}

/** How a host is remembered after it ended in a deployment of `revision` (CD-MHH-10). */
export function recordAfterHost(
  host: StoredHost,
  succeeded: boolean,
  revision: string,
): StoredHost {
  return succeeded
    ? { name: host.name, health: 'Healthy', revision }
    : { ...host, health: 'Unhealthy' };
}

/**
 * The other part of CD-MHH-10: once a deployment of `revision` has succeeded, a host that had been current
 * and did not take part in the success is unknown.
 */
export function recordAfterSuccess(
  host: StoredHost,
  updated: boolean,
  previousTarget: string | undefined,
): StoredHost {
  if (updated || previousTarget === undefined || host.revision !== previousTarget) return host;
  return { ...host, revision: null };
}
