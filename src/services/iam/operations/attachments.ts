import type * as sdk from '@aws-sdk/client-iam';
import type { Authorization } from '../../../aws/operation.ts';
import { operation, type ServiceContext } from '../../service.ts';
import { capitalized, noSuchPolicy, notAttachable, quota } from '../errors.ts';
import { ATTACHED_POLICIES, POLICIES_PER_ROLE } from '../limits.ts';
import { attach, attachedTo, detach } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { arnOf, boundedRule, change, getIdentity, nameOf, type Op, slice } from './op.ts';
import { isAttachable } from './policy-checks.ts';

interface Named {
  UserName?: string;
  GroupName?: string;
  RoleName?: string;
}

function rule<I extends Named>(kind: IdentityKind, name: string): Authorization<ServiceContext, I> {
  return {
    action: `iam:${name}`,
    resource: (ctx, input) => arnOf(ctx, kind, nameOf(input)),
    named: (_, input) => `${kind} ${nameOf(input)}`,
  };
}

/** The rule of an attachment: which policy it is of is a condition key, and the boundary of who gets it. */
function attachmentRule<I extends Named & { PolicyArn?: string }>(
  kind: IdentityKind,
  name: string,
): Authorization<ServiceContext, I> {
  return boundedRule(kind, {
    ...rule<I>(kind, name),
    conditions: (_, input) => ({ 'iam:policyarn': input.PolicyArn ?? '' }),
  });
}

function attachTo<I extends Named & { PolicyArn?: string }>(
  kind: IdentityKind,
  name: string,
): Op<I, sdk.AttachUserPolicyCommandOutput> {
  return operation(attachmentRule(kind, name), async (ctx, input: I) => {
    const arn = input.PolicyArn ?? '';
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, nameOf(input));
      if (!(await isAttachable(tx, ctx.accountId, arn))) throw notAttachable(arn);
      const attached = await attachedTo(tx, identity.id);
      const limit =
        kind === 'role'
          ? await ctx.quotas.value(tx, ctx, 'iam', POLICIES_PER_ROLE)
          : ATTACHED_POLICIES;
      if (attached.length >= limit && !attached.includes(arn))
        throw quota(`PoliciesPer${capitalized(kind)}`, limit);
      await attach(tx, identity.id, arn);
    });
    return {};
  });
}

function detachFrom<I extends Named & { PolicyArn?: string }>(
  kind: IdentityKind,
  name: string,
): Op<I, sdk.DetachUserPolicyCommandOutput> {
  return operation(attachmentRule(kind, name), async (ctx, input: I) => {
    const arn = input.PolicyArn ?? '';
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, nameOf(input));
      if (!(await detach(tx, identity.id, arn))) throw noSuchPolicy(arn);
    });
    return {};
  });
}

function listOf<I extends Named & { PathPrefix?: string; Marker?: string; MaxItems?: number }>(
  kind: IdentityKind,
  name: string,
): Op<I, sdk.ListAttachedUserPoliciesCommandOutput> {
  return operation(rule(kind, name), async (ctx, input: I) => {
    const identity = await getIdentity(ctx.db, ctx.accountId, kind, nameOf(input));
    const prefix = `policy${input.PathPrefix ?? '/'}`;
    const all = await attachedTo(ctx.db, identity.id);
    const arns = all.filter((arn) => (arn.split(':')[5] ?? '').startsWith(prefix));
    const { items, more } = slice(ctx, input, arns, (arn) => arn);
    const AttachedPolicies = items.map((PolicyArn) => ({
      PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
      PolicyArn,
    }));
    return { AttachedPolicies, ...more };
  });
}

export const attachUserPolicy = attachTo<sdk.AttachUserPolicyCommandInput>(
  'user',
  'AttachUserPolicy',
);
export const attachGroupPolicy = attachTo<sdk.AttachGroupPolicyCommandInput>(
  'group',
  'AttachGroupPolicy',
);
export const attachRolePolicy = attachTo<sdk.AttachRolePolicyCommandInput>(
  'role',
  'AttachRolePolicy',
);

export const detachUserPolicy = detachFrom<sdk.DetachUserPolicyCommandInput>(
  'user',
  'DetachUserPolicy',
);
export const detachGroupPolicy = detachFrom<sdk.DetachGroupPolicyCommandInput>(
  'group',
  'DetachGroupPolicy',
);
export const detachRolePolicy = detachFrom<sdk.DetachRolePolicyCommandInput>(
  'role',
  'DetachRolePolicy',
);

export const listAttachedUserPolicies = listOf<sdk.ListAttachedUserPoliciesCommandInput>(
  'user',
  'ListAttachedUserPolicies',
);
export const listAttachedGroupPolicies = listOf<sdk.ListAttachedGroupPoliciesCommandInput>(
  'group',
  'ListAttachedGroupPolicies',
);
export const listAttachedRolePolicies = listOf<sdk.ListAttachedRolePoliciesCommandInput>(
  'role',
  'ListAttachedRolePolicies',
);
