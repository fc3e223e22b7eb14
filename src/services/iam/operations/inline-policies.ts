import type * as sdk from '@aws-sdk/client-iam';
import type { Authorization } from '../../../aws/operation.ts';
import { operation, type ServiceContext } from '../../service.ts';
import { checkPolicy, inlineTooLong, noSuchInline } from '../errors.ts';
import { INLINE_POLICY_SIZE } from '../limits.ts';
import { deleteInline, findInline, listInline, putInline } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';
import { change, getIdentity, type Op, onGroup, onRole, onUser, paged } from './op.ts';
import { policySize } from './policy-checks.ts';

/** The member of an input or output that names the identity: `UserName`. */
type NameMember = 'UserName' | 'GroupName' | 'RoleName';
type Named = { [member in NameMember]?: string };

interface Kind {
  kind: IdentityKind;
  member: NameMember;
  on: <I extends Named>(name: string) => Authorization<ServiceContext, I>;
}

const KINDS = {
  user: { kind: 'user', member: 'UserName', on: onUser },
  group: { kind: 'group', member: 'GroupName', on: onGroup },
  role: { kind: 'role', member: 'RoleName', on: onRole },
} satisfies Record<IdentityKind, Kind>;

function put<I extends Named & { PolicyName?: string; PolicyDocument?: string }>(
  { kind, member, on }: Kind,
  name: string,
): Op<I, sdk.PutUserPolicyCommandOutput> {
  return operation(on(name), async (ctx, input: I) => {
    const document = input.PolicyDocument ?? '';
    const policyName = input.PolicyName ?? '';
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, input[member]);
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
  });
}

function get<I extends Named & { PolicyName?: string }>({ kind, member, on }: Kind, name: string) {
  return operation(on(name), async (ctx, input: I) => {
    const identity = await getIdentity(ctx.db, ctx.accountId, kind, input[member]);
    const PolicyName = input.PolicyName ?? '';
    const document = await findInline(ctx.db, identity.id, PolicyName);
    if (document === undefined) throw noSuchInline(kind, PolicyName);
    const names = { UserName: identity.name, GroupName: identity.name, RoleName: identity.name };
    return { [member]: names[member], PolicyName, PolicyDocument: encodeURIComponent(document) };
  });
}

function list<I extends Named & { Marker?: string; MaxItems?: number }>(
  { kind, member, on }: Kind,
  name: string,
): Op<I, sdk.ListUserPoliciesCommandOutput> {
  return operation(on(name), async (ctx, input: I) => {
    const identity = await getIdentity(ctx.db, ctx.accountId, kind, input[member]);
    const { items, more } = await paged(
      ctx,
      input,
      (page) => listInline(ctx.db, identity.id, page),
      (policy) => policy.name,
    );
    return { PolicyNames: items.map((policy) => policy.name), ...more };
  });
}

function remove<I extends Named & { PolicyName?: string }>(
  { kind, member, on }: Kind,
  name: string,
): Op<I, sdk.DeleteUserPolicyCommandOutput> {
  return operation(on(name), async (ctx, input: I) => {
    await change(ctx, async (tx) => {
      const identity = await getIdentity(tx, ctx.accountId, kind, input[member]);
      const policyName = input.PolicyName ?? '';
      if (!(await deleteInline(tx, identity.id, policyName))) throw noSuchInline(kind, policyName);
    });
    return {};
  });
}

export const putUserPolicy = put<sdk.PutUserPolicyCommandInput>(KINDS.user, 'PutUserPolicy');
export const putGroupPolicy = put<sdk.PutGroupPolicyCommandInput>(KINDS.group, 'PutGroupPolicy');
export const putRolePolicy = put<sdk.PutRolePolicyCommandInput>(KINDS.role, 'PutRolePolicy');

export const getUserPolicy = get(KINDS.user, 'GetUserPolicy') as unknown as Op<
  sdk.GetUserPolicyCommandInput,
  sdk.GetUserPolicyCommandOutput
>;
export const getGroupPolicy = get(KINDS.group, 'GetGroupPolicy') as unknown as Op<
  sdk.GetGroupPolicyCommandInput,
  sdk.GetGroupPolicyCommandOutput
>;
export const getRolePolicy = get(KINDS.role, 'GetRolePolicy') as unknown as Op<
  sdk.GetRolePolicyCommandInput,
  sdk.GetRolePolicyCommandOutput
>;

export const listUserPolicies = list<sdk.ListUserPoliciesCommandInput>(
  KINDS.user,
  'ListUserPolicies',
);
export const listGroupPolicies = list<sdk.ListGroupPoliciesCommandInput>(
  KINDS.group,
  'ListGroupPolicies',
);
export const listRolePolicies = list<sdk.ListRolePoliciesCommandInput>(
  KINDS.role,
  'ListRolePolicies',
);

export const deleteUserPolicy = remove<sdk.DeleteUserPolicyCommandInput>(
  KINDS.user,
  'DeleteUserPolicy',
);
export const deleteGroupPolicy = remove<sdk.DeleteGroupPolicyCommandInput>(
  KINDS.group,
  'DeleteGroupPolicy',
);
export const deleteRolePolicy = remove<sdk.DeleteRolePolicyCommandInput>(
  KINDS.role,
  'DeleteRolePolicy',
);
