import type { Group } from '@aws-sdk/client-iam';
import { identityExists, mustFirst, notMember, quota } from '../errors.ts';
import { GROUPS_PER_USER } from '../limits.ts';
import { identityArn, newId } from '../model/names.ts';
import { onGroup, onUser } from '../resources/identity.ts';
import {
  addMember,
  deleteIdentity,
  findIdentity,
  type Identity,
  insertIdentity,
  listGroupsOf,
  listIdentities,
  listMembers,
  removeMember,
  updateIdentity,
} from '../store/identities.ts';
import { attachedTo, listInline } from '../store/policies.ts';
import { iam } from './declare.ts';
import { change, current, getIdentity, nameKey, nowOf, onList, paged } from './shared.ts';
import { userShape } from './users.ts';

const ALL = { after: '', limit: 1000 };

function groupShape(group: Identity): Group {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: identityArn(group),
    CreateDate: group.createdAt,
  };
}

export const createGroup = iam(
  'createGroup',
  {
    resource: (ctx, { Path, GroupName }) =>
      `arn:aws:iam::${ctx.accountId}:group${Path ?? '/'}${GroupName}`,
  },
  async (ctx, input) => {
    const group: Identity = {
      accountId: ctx.accountId,
      kind: 'group',
      name: input.GroupName ?? '',
      id: newId('group'),
      path: input.Path ?? '/',
      createdAt: nowOf(ctx),
      data: { tags: [] },
    };
    await change(ctx, async (tx) => {
      if (await findIdentity(tx, ctx.accountId, 'group', group.name))
        throw identityExists('group', group.name);
      await insertIdentity(tx, group);
    });
    return { Group: groupShape(group) };
  },
);

export const getGroup = iam('getGroup', onGroup, async (ctx, input, group) => {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listMembers(ctx.db, group.id, page),
    nameKey,
  );
  return { Group: groupShape(group), Users: items.map((user) => userShape(user)), ...more };
});

export const listGroups = iam('listGroups', onList('group'), async (ctx, input) => {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listIdentities(ctx.db, ctx.accountId, 'group', input.PathPrefix ?? '/', page),
    nameKey,
  );
  return { Groups: items.map(groupShape), ...more };
});

export const listGroupsForUser = iam('listGroupsForUser', onUser, async (ctx, input, user) => {
  const { items, more } = await paged(
    ctx,
    input,
    (page) => listGroupsOf(ctx.db, user.id, page),
    nameKey,
  );
  return { Groups: items.map(groupShape), ...more };
});

export const updateGroup = iam('updateGroup', onGroup, async (ctx, input, named) => {
  await change(ctx, async (tx) => {
    const group = await current(tx, named);
    const name = input.NewGroupName ?? group.name;
    const taken = await findIdentity(tx, ctx.accountId, 'group', name);
    if (taken && taken.id !== group.id) throw identityExists('group', name);
    await updateIdentity(tx, { ...group, name, path: input.NewPath ?? group.path });
  });
  return {};
});

export const deleteGroup = iam('deleteGroup', onGroup, async (ctx, _input, named) => {
  await change(ctx, async (tx) => {
    const { id } = await current(tx, named);
    if ((await listMembers(tx, id, { after: '', limit: 1 })).length > 0)
      throw mustFirst('remove users from group');
    if ((await attachedTo(tx, id)).length > 0) throw mustFirst('detach all policies');
    if ((await listInline(tx, id)).length > 0) throw mustFirst('delete policies');
    await deleteIdentity(tx, id);
  });
  return {};
});

export const addUserToGroup = iam('addUserToGroup', onGroup, async (ctx, input, named) => {
  await change(ctx, async (tx) => {
    const group = await current(tx, named);
    const user = await getIdentity(tx, ctx.accountId, 'user', input.UserName);
    const groups = await listGroupsOf(tx, user.id, ALL);
    if (groups.length >= GROUPS_PER_USER && !groups.some(({ id }) => id === group.id))
      throw quota('GroupsPerUser', GROUPS_PER_USER);
    await addMember(tx, group.id, user.id);
  });
  return {};
});

export const removeUserFromGroup = iam(
  'removeUserFromGroup',
  onGroup,
  async (ctx, input, named) => {
    await change(ctx, async (tx) => {
      const group = await current(tx, named);
      const user = await getIdentity(tx, ctx.accountId, 'user', input.UserName);
      if (!(await removeMember(tx, group.id, user.id))) throw notMember(user.name, group.name);
    });
    return {};
  },
);
