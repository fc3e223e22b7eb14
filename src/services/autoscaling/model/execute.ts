import type { Draft } from './draft.ts';
import type { Policy } from './group.ts';
import { type Breach, capacityBy } from './policy.ts';
import { resize } from './resize.ts';
import * as texts from './texts.ts';

/** Does what a scaling policy says. @returns false where its cooldown has not ended */
export function execute(
  draft: Draft,
  policy: Policy,
  { breach, HonorCooldown }: { breach: Breach | undefined; HonorCooldown: boolean },
): boolean {
  const { body, now } = draft;
  if (!policy.enabled) return true;
  if (policy.type === 'SimpleScaling' && HonorCooldown && now < body.coolsUntil) return false;
  const desired = capacityBy(policy, body.desired, body, breach);
  if (desired === undefined || desired === body.desired) return true;
  resize(draft, { desired }, texts.byPolicy(now, policy.name, body.desired, desired));
  if (policy.type === 'SimpleScaling')
    body.coolsUntil = now + (policy.cooldown ?? body.cooldown) * 1000;
  return true;
}
