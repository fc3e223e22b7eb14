import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../service.ts';
import { capitalized, noSuchPolicy, notAttachable, quota } from '../errors.ts';
import { ATTACHED_POLICIES, POLICIES_PER_ROLE } from '../limits.ts';
import { awsManagedPolicy } from '../model/aws-managed.ts';
import { attach, attachedTo, detach, findPolicy } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { iam } from './declare.ts';
import { change, getIdentity, onGroup, onRole, onUser, slice } from './op.ts';

interface Named {
  UserName?: string | undefined;
  GroupName?: string | undefined;
  RoleName?: string | undefined;
}

const nameOf = (input: Named) => input.UserName ?? input.GroupName ?? input.RoleName;

/** The rule of an attachment: which policy it is of is a condition key. */
const ofPolicy = {
  conditions: (_ctx: ServiceContext, input: { PolicyArn?: string | undefined }) => ({
    'iam:policyarn': input.PolicyArn ?? '',
  }),
};

/** A policy that the account may attach: its own, or AWS's. */
async function isAttachable(tx: Tx, accountId: string, arn: string): Promise<boolean> {
  return (
    awsManagedPolicy(arn) !== undefined || (await findPolicy(tx, arn))?.accountId === accountId
  );
}

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
  { ...onUser, ...ofPolicy },
  attachTo('user'),
);
export const attachGroupPolicy = iam(
  'attachGroupPolicy',
  { ...onGroup, ...ofPolicy },
  attachTo('group'),
);
export const attachRolePolicy = iam(
  'attachRolePolicy',
  { ...onRole, ...ofPolicy },
  attachTo('role'),
);

export const detachUserPolicy = iam(
  'detachUserPolicy',
  { ...onUser, ...ofPolicy },
  detachFrom('user'),
);
export const detachGroupPolicy = iam(
  'detachGroupPolicy',
  { ...onGroup, ...ofPolicy },
  detachFrom('group'),
);
export const detachRolePolicy = iam(
  'detachRolePolicy',
  { ...onRole, ...ofPolicy },
  detachFrom('role'),
);

export const listAttachedUserPolicies = iam('listAttachedUserPolicies', onUser, listOf('user'));
export const listAttachedGroupPolicies = iam('listAttachedGroupPolicies', onGroup, listOf('group'));
export const listAttachedRolePolicies = iam('listAttachedRolePolicies', onRole, listOf('role'));
