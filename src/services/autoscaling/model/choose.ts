import { ownValue } from '../../../lib/own.ts';
import type { Member, Place } from './group.ts';

/** The place for one instance more: in the zone that has the fewest. */
export function placeFor(places: readonly Place[], members: readonly Member[]): Place | undefined {
  const inZone = countByZone(members);
  const inSubnet = new Map<string | undefined, number>();
  for (const { body } of members) inSubnet.set(body.subnet, (inSubnet.get(body.subnet) ?? 0) + 1);
  const rank = ({ zone, subnet }: Place) =>
    (inZone.get(zone) ?? 0) * 10_000 + (inSubnet.get(subnet) ?? 0);
  return [...places].sort((a, b) => rank(a) - rank(b))[0];
}

export function countByZone(members: readonly Member[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { body } of members) counts.set(body.zone, (counts.get(body.zone) ?? 0) + 1);
  return counts;
}

type Compare = (a: Member, b: Member) => number;

const oldest: Compare = (a, b) => a.body.madeAt - b.body.madeAt || order(a.slot, b.slot);
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Those of launch configurations are older than those of templates. */
const oldestConfiguration: Compare = (a, b) => age(a) - age(b);
const age = ({ body: { launch } }: Member) =>
  launch.kind === 'configuration' ? launch.createdAt : Number.POSITIVE_INFINITY;
const oldestTemplate: Compare = ({ body: { launch: a } }, { body: { launch: b } }) =>
  a.kind === 'template' && b.kind === 'template' && a.id === b.id
    ? Number(a.version) - Number(b.version)
    : 0;

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-instance-termination.html */
const POLICIES: Record<string, Compare[]> = {
  Default: [oldestConfiguration, oldestTemplate],
  OldestInstance: [oldest],
  NewestInstance: [(a, b) => oldest(b, a)],
  OldestLaunchConfiguration: [oldestConfiguration],
  OldestLaunchTemplate: [oldestTemplate],
  // Nothing is billed here, and all instances are on demand.
  ClosestToNextInstanceHour: [],
  AllocationStrategy: [],
};
export const TERMINATION_POLICIES = Object.keys(POLICIES);

/** Which of these goes next: of the zone that has the most, by the group's policies. */
export function nextToGo(
  candidates: readonly Member[],
  all: readonly Member[],
  policies: readonly string[],
  zones: readonly string[],
): Member | undefined {
  const inZone = countByZone(all);
  const weight = ({ body: { zone } }: Member) =>
    // A zone that the group has left goes first.
    zones.includes(zone) ? (inZone.get(zone) ?? 0) : Number.MAX_SAFE_INTEGER;
  const compares = [
    (a: Member, b: Member) => weight(b) - weight(a),
    ...policies.flatMap((name) => ownValue(POLICIES, name) ?? []),
    oldest,
  ];
  const compare: Compare = (a, b) => {
    for (const by of compares) {
      const difference = by(a, b);
      if (difference > 0 || difference < 0) return difference;
    }
    return 0;
  };
  return [...candidates].sort(compare)[0];
}
