import { MAX_INSTANCES, MAX_INSTANCES_IN_ALL, MAX_VPCS, MAX_VPCS_IN_ALL } from '../limits.ts';

interface Place {
  accountId: string;
  region: string;
}

/**
 * How many more instances an account may have in a region, and whether its own number or that of the whole server is the reason.
 * @param all where each instance of every account is
 */
export function roomOf(
  { accountId, region }: Place,
  all: readonly Place[],
): { room: number; reason: 'account' | 'server' } {
  const vpcOf = (place: Place) => `${place.accountId} ${place.region}`;
  const own = all.filter((place) => place.accountId === accountId);
  const vpcs = new Set(all.map(vpcOf));
  const isNew = !vpcs.has(vpcOf({ accountId, region }));
  const regions = new Set(own.map((place) => place.region)).size;
  if (isNew && regions >= MAX_VPCS) return { room: 0, reason: 'account' };
  if (isNew && vpcs.size >= MAX_VPCS_IN_ALL) return { room: 0, reason: 'server' };
  const left = Math.max(0, MAX_INSTANCES - own.length);
  const leftInAll = Math.max(0, MAX_INSTANCES_IN_ALL - all.length);
  return left <= leftInAll
    ? { room: left, reason: 'account' }
    : { room: leftInAll, reason: 'server' };
}
