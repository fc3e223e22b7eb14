import type * as sdk from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { type Identity, updateIdentity } from '../store/identities.ts';
import { boundedRule, change, getIdentity, type Op, onRole, onUser } from './op.ts';
import { checkBoundary } from './policy-checks.ts';

/** The user or role with this boundary, or without one. */
function bounded({ boundary: _, ...identity }: Identity, boundary?: string): Identity {
  return boundary === undefined ? identity : { ...identity, boundary };
}

/** The condition key of a call that sets a boundary: the one that is to be. */
export const newBoundary = ({ PermissionsBoundary: arn }: { PermissionsBoundary?: string }) => ({
  ...(arn !== undefined && { 'iam:permissionsboundary': arn }),
});

export const putUserPermissionsBoundary: Op<
  sdk.PutUserPermissionsBoundaryCommandInput,
  sdk.PutUserPermissionsBoundaryCommandOutput
> = operation(
  { ...onUser('PutUserPermissionsBoundary'), conditions: (_, input) => newBoundary(input) },
  async (ctx, { UserName, PermissionsBoundary = '' }) => {
    await change(ctx, async (tx) => {
      const user = await getIdentity(tx, ctx.accountId, 'user', UserName);
      await checkBoundary(tx, ctx.accountId, PermissionsBoundary);
      await updateIdentity(tx, bounded(user, PermissionsBoundary));
    });
    return {};
  },
);

export const putRolePermissionsBoundary: Op<
  sdk.PutRolePermissionsBoundaryCommandInput,
  sdk.PutRolePermissionsBoundaryCommandOutput
> = operation(
  { ...onRole('PutRolePermissionsBoundary'), conditions: (_, input) => newBoundary(input) },
  async (ctx, { RoleName, PermissionsBoundary = '' }) => {
    await change(ctx, async (tx) => {
      const role = await getIdentity(tx, ctx.accountId, 'role', RoleName);
      await checkBoundary(tx, ctx.accountId, PermissionsBoundary);
      await updateIdentity(tx, bounded(role, PermissionsBoundary));
    });
    return {};
  },
);

export const deleteUserPermissionsBoundary: Op<
  sdk.DeleteUserPermissionsBoundaryCommandInput,
  sdk.DeleteUserPermissionsBoundaryCommandOutput
> = operation(
  boundedRule('user', onUser('DeleteUserPermissionsBoundary')),
  async (ctx, { UserName }) => {
    await change(ctx, async (tx) =>
      updateIdentity(tx, bounded(await getIdentity(tx, ctx.accountId, 'user', UserName))),
    );
    return {};
  },
);

export const deleteRolePermissionsBoundary: Op<
  sdk.DeleteRolePermissionsBoundaryCommandInput,
  sdk.DeleteRolePermissionsBoundaryCommandOutput
> = operation(
  boundedRule('role', onRole('DeleteRolePermissionsBoundary')),
  async (ctx, { RoleName }) => {
    await change(ctx, async (tx) =>
      updateIdentity(tx, bounded(await getIdentity(tx, ctx.accountId, 'role', RoleName))),
    );
    return {};
  },
);
