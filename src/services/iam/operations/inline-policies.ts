import type { ServiceContext } from '../../../kit/service.ts';
import { checkPolicy, inlineTooLong, noSuchInline } from '../errors.ts';
import { INLINE_POLICY_SIZE } from '../limits.ts';
import { changing, onGroup, onRole, onUser } from '../resources/identity.ts';
import type { Identity } from '../store/identities.ts';
import { deleteInline, findInline, listInline, putInline } from '../store/policies.ts';
import { iam } from './declare.ts';
import { policySize } from './policy-checks.ts';
import { change, current, paged } from './shared.ts';

interface NamedPolicy {
  PolicyName?: string | undefined;
}

async function put(
  ctx: ServiceContext,
  input: NamedPolicy & { PolicyDocument?: string | undefined },
  named: Identity,
) {
  const { PolicyName: policyName = '', PolicyDocument: document = '' } = input;
  await change(ctx, async (tx) => {
    const { id, kind, name } = await current(tx, named);
    checkPolicy(document, 'identity');
    const others = (await listInline(tx, id)).filter((p) => p.name !== policyName);
    const size = [document, ...others.map((p) => p.document)]
      .map(policySize)
      .reduce((a, b) => a + b);
    const most = INLINE_POLICY_SIZE[kind];
    if (size > most) throw inlineTooLong(kind, name, most);
    await putInline(tx, id, policyName, document);
  });
  return {};
}

async function get(ctx: ServiceContext, { PolicyName = '' }: NamedPolicy, { id, kind }: Identity) {
  const document = await findInline(ctx.db, id, PolicyName);
  if (document === undefined) throw noSuchInline(kind, PolicyName);
  return { PolicyName, PolicyDocument: encodeURIComponent(document) };
}

async function list(
  ctx: ServiceContext,
  input: { Marker?: string; MaxItems?: number },
  { id }: Identity,
) {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listInline(ctx.db, id, page),
    (policy) => policy.name,
  );
  return { PolicyNames: items.map((policy) => policy.name), ...more };
}

async function remove(ctx: ServiceContext, { PolicyName = '' }: NamedPolicy, named: Identity) {
  await change(ctx, async (tx) => {
    const { id, kind } = await current(tx, named);
    if (!(await deleteInline(tx, id, PolicyName))) throw noSuchInline(kind, PolicyName);
  });
  return {};
}

export const putUserPolicy = iam('putUserPolicy', changing.user, put);
export const putGroupPolicy = iam('putGroupPolicy', changing.group, put);
export const putRolePolicy = iam('putRolePolicy', changing.role, put);

export const getUserPolicy = iam('getUserPolicy', onUser, async (ctx, input, named) => ({
  UserName: named.name,
  ...(await get(ctx, input, named)),
}));
export const getGroupPolicy = iam('getGroupPolicy', onGroup, async (ctx, input, named) => ({
  GroupName: named.name,
  ...(await get(ctx, input, named)),
}));
export const getRolePolicy = iam('getRolePolicy', onRole, async (ctx, input, named) => ({
  RoleName: named.name,
  ...(await get(ctx, input, named)),
}));

export const listUserPolicies = iam('listUserPolicies', onUser, list);
export const listGroupPolicies = iam('listGroupPolicies', onGroup, list);
export const listRolePolicies = iam('listRolePolicies', onRole, list);

export const deleteUserPolicy = iam('deleteUserPolicy', changing.user, remove);
export const deleteGroupPolicy = iam('deleteGroupPolicy', changing.group, remove);
export const deleteRolePolicy = iam('deleteRolePolicy', changing.role, remove);
