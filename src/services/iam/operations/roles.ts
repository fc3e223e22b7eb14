import type { Role } from '@aws-sdk/client-iam';
import type { Tx } from '../../../db/database.ts';
import { checkPolicy, identityExists, mustFirst } from '../errors.ts';
import { identityArn, newId } from '../model/names.ts';
import { newBoundary, onRole } from '../resources/identity.ts';
import {
  deleteIdentity,
  findIdentity,
  type Identity,
  insertIdentity,
  listIdentities,
  updateIdentity,
} from '../store/identities.ts';
import { profilesOf } from '../store/instance-profiles.ts';
import { attachedTo, listInline } from '../store/policies.ts';
import { deleteRoleUse, findRoleUse } from '../store/role-use.ts';
import { iam } from './declare.ts';
import {
  boundaryShape,
  checkBoundary,
  checkPrincipalsExist,
  checkTrustSize,
} from './policy-checks.ts';
import { change, current, nameKey, nowOf, onList, paged } from './shared.ts';
import { mergeTags } from './tag-list.ts';

const DEFAULT_SESSION_SECONDS = 3600;

/** @param whole lists leave out boundary and tags, as AWS's do */
export function roleShape(role: Identity, whole = false): Role {
  const { description, trustPolicy, maxSessionDuration, tags } = role.data;
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: identityArn(role),
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encodeURIComponent(trustPolicy ?? ''),
    ...(description !== undefined && { Description: description }),
    MaxSessionDuration: maxSessionDuration ?? DEFAULT_SESSION_SECONDS,
    ...(whole && boundaryShape(role)),
    ...(whole && tags.length > 0 && { Tags: tags }),
  };
}

async function checkTrustPolicy(tx: Tx, document: string): Promise<void> {
  checkTrustSize(document);
  await checkPrincipalsExist(tx, checkPolicy(document, 'trust'));
}

export const createRole = iam(
  'createRole',
  {
    resource: (ctx, { Path, RoleName }) =>
      `arn:aws:iam::${ctx.accountId}:role${Path ?? '/'}${RoleName}`,
    conditions: (_, input) => newBoundary(input),
  },
  async (ctx, input) => {
    const trustPolicy = input.AssumeRolePolicyDocument ?? '';
    const role: Identity = {
      accountId: ctx.accountId,
      kind: 'role',
      name: input.RoleName ?? '',
      id: newId('role'),
      path: input.Path ?? '/',
      createdAt: nowOf(ctx),
      boundary: input.PermissionsBoundary,
      data: {
        tags: mergeTags([], input.Tags),
        description: input.Description,
        trustPolicy,
        maxSessionDuration: input.MaxSessionDuration,
      },
    };
    await change(ctx, async (tx) => {
      await checkTrustPolicy(tx, trustPolicy);
      if (await findIdentity(tx, ctx.accountId, 'role', role.name))
        throw identityExists('role', role.name);
      await checkBoundary(tx, ctx.accountId, role.boundary);
      await insertIdentity(tx, role);
    });
    return { Role: roleShape(role, true) };
  },
);

export const getRole = iam('getRole', onRole, async (ctx, _input, role) => {
  const use = await findRoleUse(ctx.db, role.id);
  const RoleLastUsed = use && { LastUsedDate: use.usedAt, Region: use.region };
  return { Role: { ...roleShape(role, true), RoleLastUsed: RoleLastUsed ?? {} } };
});

export const listRoles = iam('listRoles', onList('role'), async (ctx, input) => {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listIdentities(ctx.db, ctx.accountId, 'role', input.PathPrefix ?? '/', page),
    nameKey,
  );
  return { Roles: items.map((role) => roleShape(role)), ...more };
});

export const updateRole = iam('updateRole', onRole, async (ctx, input, named) => {
  await change(ctx, async (tx) => {
    const role = await current(tx, named);
    const data = {
      ...role.data,
      // AWS: what UpdateRole does not name goes back to its default.
      description: input.Description ?? '',
      maxSessionDuration: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
    };
    await updateIdentity(tx, { ...role, data });
  });
  return {};
});

export const updateRoleDescription = iam(
  'updateRoleDescription',
  onRole,
  async (ctx, input, named) => {
    const role = await change(ctx, async (tx) => {
      const found = await current(tx, named);
      const updated = { ...found, data: { ...found.data, description: input.Description } };
      await updateIdentity(tx, updated);
      return updated;
    });
    return { Role: roleShape(role) };
  },
);

export const updateAssumeRolePolicy = iam(
  'updateAssumeRolePolicy',
  onRole,
  async (ctx, input, named) => {
    const trustPolicy = input.PolicyDocument ?? '';
    await change(ctx, async (tx) => {
      const role = await current(tx, named);
      await checkTrustPolicy(tx, trustPolicy);
      await updateIdentity(tx, { ...role, data: { ...role.data, trustPolicy } });
    });
    return {};
  },
);

export const deleteRole = iam('deleteRole', onRole, async (ctx, _input, named) => {
  await change(ctx, async (tx) => {
    const { id } = await current(tx, named);
    if ((await profilesOf(tx, id, { after: '', limit: 1 })).length > 0)
      throw mustFirst('remove roles from instance profile');
    if ((await attachedTo(tx, id)).length > 0) throw mustFirst('detach all policies');
    if ((await listInline(tx, id)).length > 0) throw mustFirst('delete policies');
    await deleteRoleUse(tx, id);
    await deleteIdentity(tx, id);
  });
  return {};
});
