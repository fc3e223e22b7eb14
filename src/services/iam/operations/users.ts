import type { User } from '@aws-sdk/client-iam';
import { identityExists, mustFirst } from '../errors.ts';
import { identityArn, newId } from '../model/names.ts';
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
import { attachedTo, listInline } from '../store/policies.ts';
import { newBoundary } from './boundaries.ts';
import { iam } from './declare.ts';
import {
  arnOf,
  change,
  getIdentity,
  nameKey,
  nowOf,
  onList,
  onUser,
  ownName,
  paged,
} from './op.ts';
import { boundaryShape, checkBoundary } from './policy-checks.ts';
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

export const getUser = iam(
  'getUser',
  {
    resource: (ctx, input) =>
      input.UserName === undefined && ctx.principal.type === 'root'
        ? ctx.principal.arn
        : arnOf(ctx, 'user', input.UserName ?? ownName(ctx)),
    named: (ctx, input) =>
      input.UserName === undefined && ctx.principal.type === 'root'
        ? undefined
        : `user ${input.UserName ?? ownName(ctx)}`,
  },
  async (ctx, input) => {
    const { principal } = ctx;
    if (input.UserName === undefined && principal.type === 'root') {
      const { accountId, arn } = principal;
      // The account's birthday is not known; AWS gives it here.
      return {
        User: { Path: '/', UserName: 'root', UserId: accountId, Arn: arn, CreateDate: new Date(0) },
      };
    }
    const user = await getIdentity(ctx.db, ctx.accountId, 'user', input.UserName ?? ownName(ctx));
    return { User: userShape(user, true) };
  },
);

export const listUsers = iam('listUsers', onList('user'), async (ctx, input) => {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listIdentities(ctx.db, ctx.accountId, 'user', input.PathPrefix ?? '/', page),
    nameKey,
  );
  return { Users: items.map((user) => userShape(user)), ...more };
});

export const updateUser = iam('updateUser', onUser, async (ctx, input) => {
  await change(ctx, async (tx) => {
    const user = await getIdentity(tx, ctx.accountId, 'user', input.UserName);
    const name = input.NewUserName ?? user.name;
    const taken = await findIdentity(tx, ctx.accountId, 'user', name);
    if (taken && taken.id !== user.id) throw identityExists('user', name);
    await updateIdentity(tx, { ...user, name, path: input.NewPath ?? user.path });
  });
  return {};
});

export const deleteUser = iam('deleteUser', onUser, async (ctx, input) => {
  await change(ctx, async (tx) => {
    const { id } = await getIdentity(tx, ctx.accountId, 'user', input.UserName);
    if ((await listAccessKeyRows(tx, id)).length > 0) throw mustFirst('delete access keys');
    if ((await listServiceCredentials(tx, id)).length > 0)
      throw mustFirst('remove service specific credentials');
    if ((await attachedTo(tx, id)).length > 0) throw mustFirst('detach all policies');
    if ((await listInline(tx, id, ONE)).length > 0) throw mustFirst('delete policies');
    if ((await listGroupsOf(tx, id, ONE)).length > 0) throw mustFirst('remove users from group');
    await deleteIdentity(tx, id);
  });
  return {};
});
