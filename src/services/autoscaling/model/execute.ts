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
  if (policy.type === 'StepScaling') {
    step(draft, policy, breach);
    return true;
  }
  if (HonorCooldown && now < body.coolsUntil) return false;
  const desired = capacityBy(policy, body.desired, body);
  if (desired === undefined || desired === body.desired) return true;
  resize(draft, { desired }, texts.byPolicy(now, policy.name, body.desired, desired));
  body.coolsUntil = now + (policy.cooldown ?? body.cooldown) * 1000;
  return true;
}

/**
 * A step is taken from the capacity without the instances that warm up: an alarm that goes on brings no more than the step
 * that it has come to. Nothing is taken away while instances warm up, or while others are on their way out.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-step-scaling-warmup
 */
function step(draft: Draft, policy: Policy, breach: Breach | undefined): void {
  const { body, now } = draft;
  const warming = body.warming !== undefined && now < body.warming.until ? body.warming : undefined;
  const base = warming?.base ?? body.desired;
  const desired = capacityBy(policy, base, body, breach);
  if (desired === undefined || desired === body.desired) return;
  const isBusy = warming !== undefined || draft.members.length > draft.active.length;
  if (desired < body.desired && isBusy) return;
  const grows = desired > body.desired;
  resize(draft, { desired }, texts.byPolicy(now, policy.name, body.desired, desired));
  const warmup = policy.warmup ?? body.warmup ?? body.cooldown;
  if (grows) body.warming = { base, until: now + warmup * 1000 };
}
