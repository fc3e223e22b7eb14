import type { ServiceContext } from '../../../kit/service.ts';
import { bounding, changing } from '../resources/identity.ts';
import { type Identity, updateIdentity } from '../store/identities.ts';
import { iam } from './declare.ts';
import { checkBoundary } from './policy-checks.ts';
import { change, current } from './shared.ts';

interface BoundaryInput {
  PermissionsBoundary?: string | undefined;
}

/** Gives a user or role this boundary. */
async function bind(ctx: ServiceContext, input: BoundaryInput, named: Identity) {
  const { PermissionsBoundary: boundary = '' } = input;
  await change(ctx, async (tx) => {
    const identity = await current(tx, named);
    await checkBoundary(tx, ctx.accountId, boundary);
    await updateIdentity(tx, { ...identity, boundary });
  });
  return {};
}

async function unbind(ctx: ServiceContext, _input: object, named: Identity) {
  await change(ctx, async (tx) => {
    const { boundary: _, ...identity } = await current(tx, named);
    await updateIdentity(tx, identity);
  });
  return {};
}

export const putUserPermissionsBoundary = iam('putUserPermissionsBoundary', bounding.user, bind);
export const putRolePermissionsBoundary = iam('putRolePermissionsBoundary', bounding.role, bind);
export const deleteUserPermissionsBoundary = iam(
  'deleteUserPermissionsBoundary',
  changing.user,
  unbind,
);
export const deleteRolePermissionsBoundary = iam(
  'deleteRolePermissionsBoundary',
  changing.role,
  unbind,
);
