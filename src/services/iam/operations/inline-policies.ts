import type { ServiceContext } from '../../../kit/service.ts';
import { checkPolicy, inlineTooLong, noSuchInline } from '../errors.ts';
import { INLINE_POLICY_SIZE } from '../limits.ts';
import { deleteInline, findInline, listInline, putInline } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { iam } from './declare.ts';
import { boundaryOf, change, getIdentity, onGroup, onRole, onUser, paged } from './op.ts';
import { policySize } from './policy-checks.ts';

/** The member of an input that names the identity: `UserName`. */
type NameMember = 'UserName' | 'GroupName' | 'RoleName';
type Named = { [member in NameMember]?: string | undefined };

const MEMBERS = {
  user: 'UserName',
  group: 'GroupName',
  role: 'RoleName',
} as const satisfies Record<IdentityKind, NameMember>;

function put(kind: IdentityKind) {
  return async (
    ctx: ServiceContext,
    input: Named & { PolicyName?: string | undefined; PolicyDocument?: string | undefined },
  ) => {
    const document = input.PolicyDocument ?? '';
    const policyName = input.PolicyName ?? '';
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, input[MEMBERS[kind]]);
      checkPolicy(document, 'identity');
      const others = (await listInline(tx, identity.id)).filter((p) => p.name !== policyName);
      const size = [document, ...others.map((p) => p.document)]
        .map(policySize)
        .reduce((a, b) => a + b);
      const most = INLINE_POLICY_SIZE[kind];
      if (size > most) throw inlineTooLong(kind, identity.name, most);
      await putInline(tx, identity.id, policyName, document);
    });
    return {};
  };
}

function get(kind: IdentityKind) {
  return async (ctx: ServiceContext, input: Named & { PolicyName?: string | undefined }) => {
    const identity = await getIdentity(ctx.db, ctx.accountId, kind, input[MEMBERS[kind]]);
    const PolicyName = input.PolicyName ?? '';
    const document = await findInline(ctx.db, identity.id, PolicyName);
    if (document === undefined) throw noSuchInline(kind, PolicyName);
    const policy = { PolicyName, PolicyDocument: encodeURIComponent(document) };
    return { name: identity.name, policy };
  };
}

function list(kind: IdentityKind) {
  return async (
    ctx: ServiceContext,
    input: Named & { Marker?: string | undefined; MaxItems?: number | undefined },
  ) => {
    const identity = await getIdentity(ctx.db, ctx.accountId, kind, input[MEMBERS[kind]]);
    const { items, more } = await paged(
      ctx,
      input,
      (page) => listInline(ctx.db, identity.id, page),
      (policy) => policy.name,
    );
    return { PolicyNames: items.map((policy) => policy.name), ...more };
  };
}

function remove(kind: IdentityKind) {
  return async (ctx: ServiceContext, input: Named & { PolicyName?: string | undefined }) => {
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, input[MEMBERS[kind]]);
      const policyName = input.PolicyName ?? '';
      if (!(await deleteInline(tx, identity.id, policyName))) throw noSuchInline(kind, policyName);
    });
    return {};
  };
}

export const putUserPolicy = iam(
  'putUserPolicy',
  { ...onUser, conditions: boundaryOf('user') },
  put('user'),
);
export const putGroupPolicy = iam(
  'putGroupPolicy',
  { ...onGroup, conditions: boundaryOf('group') },
  put('group'),
);
export const putRolePolicy = iam(
  'putRolePolicy',
  { ...onRole, conditions: boundaryOf('role') },
  put('role'),
);

export const getUserPolicy = iam('getUserPolicy', onUser, async (ctx, input) => {
  const { name: UserName, policy } = await get('user')(ctx, input);
  return { UserName, ...policy };
});
export const getGroupPolicy = iam('getGroupPolicy', onGroup, async (ctx, input) => {
  const { name: GroupName, policy } = await get('group')(ctx, input);
  return { GroupName, ...policy };
});
export const getRolePolicy = iam('getRolePolicy', onRole, async (ctx, input) => {
  const { name: RoleName, policy } = await get('role')(ctx, input);
  return { RoleName, ...policy };
});

export const listUserPolicies = iam('listUserPolicies', onUser, list('user'));
export const listGroupPolicies = iam('listGroupPolicies', onGroup, list('group'));
export const listRolePolicies = iam('listRolePolicies', onRole, list('role'));

export const deleteUserPolicy = iam(
  'deleteUserPolicy',
  { ...onUser, conditions: boundaryOf('user') },
  remove('user'),
);
export const deleteGroupPolicy = iam(
  'deleteGroupPolicy',
  { ...onGroup, conditions: boundaryOf('group') },
  remove('group'),
);
export const deleteRolePolicy = iam(
  'deleteRolePolicy',
  { ...onRole, conditions: boundaryOf('role') },
  remove('role'),
);
