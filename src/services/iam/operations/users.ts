import type { User } from '@aws-sdk/client-iam';
import type { ActionRule } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { identityExists, mustFirst } from '../errors.ts';
import { identityArn, newId } from '../model/names.ts';
import { newBoundary, onUser } from '../resources/identity.ts';
import { listAccessKeyRows, listServiceCredentials } from '../store/credentials.ts';
import {
  deleteIdentity,
  findIdentity,
  type Identity,
  insertIdentity,
  listGroupsOf,
  listIdentities,
  updateIdentity,
} from '../store/identities.ts';
import { findLoginProfile } from '../store/login-profiles.ts';
import { attachedTo, listInline } from '../store/policies.ts';
import { listSshKeys } from '../store/ssh-public-keys.ts';
import { iam } from './declare.ts';
import { boundaryShape, checkBoundary } from './policy-checks.ts';
import { change, current, nameKey, nowOf, onList, paged } from './shared.ts';
import { mergeTags } from './tag-list.ts';

const ONE = { after: '', limit: 1 };

/** @param whole lists leave out boundary and tags, as AWS's do */
export function userShape(user: Identity, whole = false): User {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: identityArn(user),
    CreateDate: user.createdAt,
    ...(whole && boundaryShape(user)),
    ...(whole && user.data.tags.length > 0 && { Tags: user.data.tags }),
  };
}

export const createUser = iam(
  'createUser',
  {
    resource: (ctx, { Path, UserName }) =>
      `arn:aws:iam::${ctx.accountId}:user${Path ?? '/'}${UserName}`,
    conditions: (_, input) => newBoundary(input),
  },
  async (ctx, input) => {
    const user: Identity = {
      accountId: ctx.accountId,
      kind: 'user',
      name: input.UserName ?? '',
      id: newId('user'),
      path: input.Path ?? '/',
      createdAt: nowOf(ctx),
      boundary: input.PermissionsBoundary,
      data: { tags: mergeTags([], input.Tags) },
    };
    await change(ctx, async (tx) => {
      if (await findIdentity(tx, ctx.accountId, 'user', user.name))
        throw identityExists('user', user.name);
      await checkBoundary(tx, ctx.accountId, user.boundary);
      await insertIdentity(tx, user);
    });
    return { User: userShape(user, true) };
  },
);

type GetUser = { UserName?: string | undefined };

/** The root that names nobody asks about itself. */
const onUserOrRoot: ActionRule<ServiceContext, GetUser, Identity | undefined> = {
  ask: (action) => async (ctx, input) => {
    const { principal } = ctx;
    if (input.UserName !== undefined || principal.type !== 'root')
      return onUser.ask(action)(ctx, input);
    for (const each of [action].flat()) await ctx.authorize(each, principal.arn);
    return undefined;
  },
};

export const getUser = iam('getUser', onUserOrRoot, async (ctx, _input, found) => {
  if (!found) {
    const { accountId, arn } = ctx.principal;
    // The account's birthday is not known; AWS gives it here.
    return {
      User: { Path: '/', UserName: 'root', UserId: accountId, Arn: arn, CreateDate: new Date(0) },
    };
  }
  return { User: userShape(found, true) };
});

export const listUsers = iam('listUsers', onList('user'), async (ctx, input) => {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listIdentities(ctx.db, ctx.accountId, 'user', input.PathPrefix ?? '/', page),
    nameKey,
  );
  return { Users: items.map((user) => userShape(user)), ...more };
});

export const updateUser = iam('updateUser', onUser, async (ctx, input, named) => {
  await change(ctx, async (tx) => {
    const user = await current(tx, named);
    const name = input.NewUserName ?? user.name;
    const taken = await findIdentity(tx, ctx.accountId, 'user', name);
    if (taken && taken.id !== user.id) throw identityExists('user', name);
    await updateIdentity(tx, { ...user, name, path: input.NewPath ?? user.path });
  });
  return {};
});

export const deleteUser = iam('deleteUser', onUser, async (ctx, _input, named) => {
  await change(ctx, async (tx) => {
    const { id } = await current(tx, named);
    if (await findLoginProfile(tx, id)) throw mustFirst('delete login profile');
    if ((await listAccessKeyRows(tx, id)).length > 0) throw mustFirst('delete access keys');
    if ((await listServiceCredentials(tx, id)).length > 0)
      throw mustFirst('remove service specific credentials');
    if ((await listSshKeys(tx, id)).length > 0) throw mustFirst('delete SSH public keys');
    if ((await attachedTo(tx, id)).length > 0) throw mustFirst('detach all policies');
    if ((await listInline(tx, id, ONE)).length > 0) throw mustFirst('delete policies');
    if ((await listGroupsOf(tx, id, ONE)).length > 0) throw mustFirst('remove users from group');
    await deleteIdentity(tx, id);
  });
  return {};
});
