import { createHash } from 'node:crypto';
import type { GroupPlan, TargetPlan } from './plan.ts';

/** One of several, by weight. @param random at least 0 and less than 1 */
export function byWeight<T extends { weight: number }>(
  all: readonly T[],
  random: number,
): T | undefined {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  let left = random * total;
  for (const one of all) {
    if (one.weight <= 0) continue;
    left -= one.weight;
    if (left < 0) return one;
  }
  // What rounding leaves is the last one's.
  return all.findLast(({ weight }) => weight > 0);
}

/**
 * The targets that may get a new request: those that are well or that nobody checks, and all where none is (ELB fails
 * open). Those that drain never.
 */
export function available<T extends Pick<TargetPlan, 'drainsUntil' | 'health'>>(
  targets: readonly T[],
): readonly T[] {
  const registered = targets.filter(({ drainsUntil }) => drainsUntil === undefined);
  const well = registered.filter(
    ({ health: { state } }) => state === 'healthy' || state === 'unavailable',
  );
  return well.length > 0 ? well : registered;
}

export interface Turn {
  /** Counts up with each choice. */
  turn: number;
  random: number;
  /** How many requests a target has not answered yet. */
  outstanding(id: string): number;
}

/** The target whose turn it is. */
export function chooseTarget<T extends Pick<TargetPlan, 'id'>>(
  algorithm: GroupPlan['algorithm'],
  targets: readonly T[],
  { turn, random, outstanding }: Turn,
): T | undefined {
  if (targets.length === 0) return undefined;
  if (algorithm === 'weighted_random') return targets[Math.floor(random * targets.length)];
  const first = turn % targets.length;
  if (algorithm === 'round_robin') return targets[first];
  let best: T | undefined;
  for (let i = 0; i < targets.length; i++) {
    const one = targets[(first + i) % targets.length] as T;
    if (!best || outstanding(one.id) < outstanding(best.id)) best = one;
  }
  return best;
}

/** A choice that one key always leads to, and that few keys change when a target comes or goes. */
export function byKey<T extends Pick<TargetPlan, 'id'>>(
  targets: readonly T[],
  key: string,
): T | undefined {
  const rank = ({ id }: T) => createHash('sha256').update(`${key} ${id}`).digest('hex');
  return targets
    .map((one) => ({ one, rank: rank(one) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))[0]?.one;
}

/** What stands in a cookie for a target or a group: tells nothing of its address. */
export const cookieOf = (balancer: string, id: string): string =>
  createHash('sha256').update(`${balancer} ${id}`).digest('base64url');
