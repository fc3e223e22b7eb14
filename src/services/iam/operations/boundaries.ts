import { type Identity, updateIdentity } from '../store/identities.ts';
import { iam } from './declare.ts';
import { boundaryOf, change, getIdentity, onRole, onUser } from './op.ts';
import { checkBoundary } from './policy-checks.ts';

/** The user or role with this boundary, or without one. */
function bounded({ boundary: _, ...identity }: Identity, boundary?: string): Identity {
  return boundary === undefined ? identity : { ...identity, boundary };
}

/** The condition key of a call that sets a boundary: the one that is to be. */
export const newBoundary = ({ PermissionsBoundary: arn }: { PermissionsBoundary?: string }) => ({
  ...(arn !== undefined && { 'iam:permissionsboundary': arn }),
});

export const putUserPermissionsBoundary = iam(
  'putUserPermissionsBoundary',
  { ...onUser, conditions: (_, input) => newBoundary(input) },
  async (ctx, { UserName, PermissionsBoundary = '' }) => {
    await change(ctx, async (tx) => {
      const user = await getIdentity(tx, ctx.accountId, 'user', UserName);
      await checkBoundary(tx, ctx.accountId, PermissionsBoundary);
      await updateIdentity(tx, bounded(user, PermissionsBoundary));
    });
    return {};
  },
);

export const putRolePermissionsBoundary = iam(
  'putRolePermissionsBoundary',
  { ...onRole, conditions: (_, input) => newBoundary(input) },
  async (ctx, { RoleName, PermissionsBoundary = '' }) => {
    await change(ctx, async (tx) => {
      const role = await getIdentity(tx, ctx.accountId, 'role', RoleName);
      await checkBoundary(tx, ctx.accountId, PermissionsBoundary);
      await updateIdentity(tx, bounded(role, PermissionsBoundary));
    });
    return {};
  },
);

export const deleteUserPermissionsBoundary = iam(
  'deleteUserPermissionsBoundary',
  { ...onUser, conditions: boundaryOf('user') },
  async (ctx, { UserName }) => {
    await change(ctx, async (tx) =>
      updateIdentity(tx, bounded(await getIdentity(tx, ctx.accountId, 'user', UserName))),
    );
    return {};
  },
);

export const deleteRolePermissionsBoundary = iam(
  'deleteRolePermissionsBoundary',
  { ...onRole, conditions: boundaryOf('role') },
  async (ctx, { RoleName }) => {
    await change(ctx, async (tx) =>
      updateIdentity(tx, bounded(await getIdentity(tx, ctx.accountId, 'role', RoleName))),
    );
    return {};
  },
);
