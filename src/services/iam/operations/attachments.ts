import type { Conditions } from '../../../aws/principal.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { capitalized, noSuchPolicy, notAttachable, quota } from '../errors.ts';
import { ATTACHED_POLICIES, POLICIES_PER_ROLE } from '../limits.ts';
import { attach, attachedTo, detach } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { iam } from './declare.ts';
import { boundaryOf, change, getIdentity, nameOf, onGroup, onRole, onUser, slice } from './op.ts';
import { isAttachable } from './policy-checks.ts';

interface Named {
  UserName?: string | undefined;
  GroupName?: string | undefined;
  RoleName?: string | undefined;
}

/** The rule of an attachment: which policy it is of is a condition key, and the boundary of who gets it. */
const ofPolicy = (kind: IdentityKind) => ({
  conditions: async (
    ctx: ServiceContext,
    input: Named & { PolicyArn?: string | undefined },
  ): Promise<Conditions> => ({
    'iam:policyarn': input.PolicyArn ?? '',
    ...(await boundaryOf(kind)(ctx, input)),
  }),
});

function attachTo(kind: IdentityKind) {
  return async (ctx: ServiceContext, input: Named & { PolicyArn: string | undefined }) => {
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
  };
}

function detachFrom(kind: IdentityKind) {
  return async (ctx: ServiceContext, input: Named & { PolicyArn: string | undefined }) => {
    const arn = input.PolicyArn ?? '';
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, nameOf(input));
      if (!(await detach(tx, identity.id, arn))) throw noSuchPolicy(arn);
    });
    return {};
  };
}

function listOf(kind: IdentityKind) {
  return async (
    ctx: ServiceContext,
    input: Named & { PathPrefix?: string; Marker?: string; MaxItems?: number },
  ) => {
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
  };
}

export const attachUserPolicy = iam(
  'attachUserPolicy',
  { ...onUser, ...ofPolicy('user') },
  attachTo('user'),
);
export const attachGroupPolicy = iam(
  'attachGroupPolicy',
  { ...onGroup, ...ofPolicy('group') },
  attachTo('group'),
);
export const attachRolePolicy = iam(
  'attachRolePolicy',
  { ...onRole, ...ofPolicy('role') },
  attachTo('role'),
);

export const detachUserPolicy = iam(
  'detachUserPolicy',
  { ...onUser, ...ofPolicy('user') },
  detachFrom('user'),
);
export const detachGroupPolicy = iam(
  'detachGroupPolicy',
  { ...onGroup, ...ofPolicy('group') },
  detachFrom('group'),
);
export const detachRolePolicy = iam(
  'detachRolePolicy',
  { ...onRole, ...ofPolicy('role') },
  detachFrom('role'),
);

export const listAttachedUserPolicies = iam('listAttachedUserPolicies', onUser, listOf('user'));
export const listAttachedGroupPolicies = iam('listAttachedGroupPolicies', onGroup, listOf('group'));
export const listAttachedRolePolicies = iam('listAttachedRolePolicies', onRole, listOf('role'));
