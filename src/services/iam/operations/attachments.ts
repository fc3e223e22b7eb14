import type { ServiceContext } from '../../../kit/service.ts';
import { capitalized, noSuchPolicy, notAttachable, quota } from '../errors.ts';
import { ATTACHED_POLICIES, POLICIES_PER_ROLE } from '../limits.ts';
import { attaching, onGroup, onRole, onUser } from '../resources/identity.ts';
import type { Identity } from '../store/identities.ts';
import { attach, attachedTo, detach } from '../store/policies.ts';
import { iam } from './declare.ts';
import { isAttachable } from './policy-checks.ts';
import { change, current, slice } from './shared.ts';

interface Attached {
  PolicyArn?: string | undefined;
}

async function attachTo(ctx: ServiceContext, { PolicyArn: arn = '' }: Attached, named: Identity) {
  await change(ctx, async (tx) => {
    const { id, kind } = await current(tx, named);
    if (!(await isAttachable(tx, ctx.accountId, arn))) throw notAttachable(arn);
    const attached = await attachedTo(tx, id);
    const limit =
      kind === 'role'
        ? await ctx.quotas.value(tx, ctx, 'iam', POLICIES_PER_ROLE)
        : ATTACHED_POLICIES;
    if (attached.length >= limit && !attached.includes(arn))
      throw quota(`PoliciesPer${capitalized(kind)}`, limit);
    await attach(tx, id, arn);
  });
  return {};
}

async function detachFrom(ctx: ServiceContext, { PolicyArn: arn = '' }: Attached, named: Identity) {
  await change(ctx, async (tx) => {
    const { id } = await current(tx, named);
    if (!(await detach(tx, id, arn))) throw noSuchPolicy(arn);
  });
  return {};
}

async function listOf(
  ctx: ServiceContext,
  input: { PathPrefix?: string; Marker?: string; MaxItems?: number },
  { id }: Identity,
) {
  const prefix = `policy${input.PathPrefix ?? '/'}`;
  const all = await attachedTo(ctx.db, id);
  const arns = all.filter((arn) => (arn.split(':')[5] ?? '').startsWith(prefix));
  const { items, more } = slice(ctx, input, arns, (arn) => arn);
  const AttachedPolicies = items.map((PolicyArn) => ({
    PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
    PolicyArn,
  }));
  return { AttachedPolicies, ...more };
}

export const attachUserPolicy = iam('attachUserPolicy', attaching.user, attachTo);
export const attachGroupPolicy = iam('attachGroupPolicy', attaching.group, attachTo);
export const attachRolePolicy = iam('attachRolePolicy', attaching.role, attachTo);

export const detachUserPolicy = iam('detachUserPolicy', attaching.user, detachFrom);
export const detachGroupPolicy = iam('detachGroupPolicy', attaching.group, detachFrom);
export const detachRolePolicy = iam('detachRolePolicy', attaching.role, detachFrom);

export const listAttachedUserPolicies = iam('listAttachedUserPolicies', onUser, listOf);
export const listAttachedGroupPolicies = iam('listAttachedGroupPolicies', onGroup, listOf);
export const listAttachedRolePolicies = iam('listAttachedRolePolicies', onRole, listOf);
