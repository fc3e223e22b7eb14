import type { Draft } from './draft.ts';
import type { Policy } from './group.ts';
import { capacityBy } from './policy.ts';
import { resize } from './resize.ts';
import * as texts from './texts.ts';

export interface Breach {
  value: number;
  threshold: number;
}

/**
 * Does what a scaling policy says.
 * @param by who has it done, as activities tell it
 */
export function execute(
  draft: Draft,
  policy: Policy,
  by: string,
  { breach, HonorCooldown }: { breach: Breach | undefined; HonorCooldown: boolean },
): 'done' | 'nothing' | 'cools' {
  const { body, now } = draft;
  if (!policy.enabled) return 'nothing';
  if (policy.type === 'SimpleScaling' && HonorCooldown && now < body.coolsUntil) return 'cools';
  const desired = capacityBy(policy, body.desired, body, breach);
  if (desired === undefined || desired === body.desired) return 'nothing';
  resize(draft, { desired }, texts.byPolicy(now, by, policy.name, body.desired, desired));
  if (policy.type === 'SimpleScaling')
    body.coolsUntil = now + (policy.cooldown ?? body.cooldown) * 1000;
  return 'done';
}
