import type { InstanceProfile as Shape } from '@aws-sdk/client-iam';
import type { Db, Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { mustFirst, noSuchProfile, profileExists, quota, roleNotInProfile } from '../errors.ts';
import { ROLES_PER_PROFILE } from '../limits.ts';
import { identityArn, newId } from '../model/names.ts';
import { onRole } from '../resources/identity.ts';
import { onProfile, profileArn } from '../resources/instance-profile.ts';
import { findIdentityById } from '../store/identities.ts';
import {
  deleteProfile,
  findProfile,
  type InstanceProfile,
  insertProfile,
  listProfiles,
  profileKey,
  profilesOf,
  updateProfile,
} from '../store/instance-profiles.ts';
import { iam } from './declare.ts';
import { roleShape } from './roles.ts';
import { change, getIdentity, nowOf, paged, slice } from './shared.ts';
import { mergeTags, withoutTags } from './tag-list.ts';

const keyOf = ({ name }: InstanceProfile) => profileKey(name);

/** @param whole lists leave out the tags, as AWS's do */
async function shapeOf(db: Db | Tx, profile: InstanceProfile, whole = false): Promise<Shape> {
  const role = profile.roleId && (await findIdentityById(db, profile.roleId));
  const { tags } = profile.data;
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profileArn(profile),
    CreateDate: profile.createdAt,
    Roles: role ? [roleShape(role)] : [],
    ...(whole && tags.length > 0 && { Tags: tags }),
  };
}

async function shapesOf(db: Db, profiles: InstanceProfile[]): Promise<Shape[]> {
  const shapes: Shape[] = [];
  for (const each of profiles) shapes.push(await shapeOf(db, each));
  return shapes;
}

/** The profile as it is in this transaction. @throws NoSuchEntityException */
async function current(tx: Tx, { accountId, name }: InstanceProfile): Promise<InstanceProfile> {
  const found = await findProfile(tx, accountId, name);
  if (!found) throw noSuchProfile(name);
  return found;
}

export const createInstanceProfile = iam(
  'createInstanceProfile',
  {
    resource: (ctx, { Path, InstanceProfileName }) =>
      `arn:aws:iam::${ctx.accountId}:instance-profile${Path ?? '/'}${InstanceProfileName}`,
  },
  async (ctx, input) => {
    const profile: InstanceProfile = {
      accountId: ctx.accountId,
      name: input.InstanceProfileName ?? '',
      id: newId('profile'),
      path: input.Path ?? '/',
      createdAt: nowOf(ctx),
      data: { tags: mergeTags([], input.Tags) },
    };
    await change(ctx, async (tx) => {
      if (await findProfile(tx, ctx.accountId, profile.name)) throw profileExists(profile.name);
      await insertProfile(tx, profile);
    });
    return { InstanceProfile: await shapeOf(ctx.db, profile, true) };
  },
);

export const getInstanceProfile = iam(
  'getInstanceProfile',
  onProfile,
  async (ctx, _input, found) => ({ InstanceProfile: await shapeOf(ctx.db, found, true) }),
);

export const listInstanceProfiles = iam(
  'listInstanceProfiles',
  {
    resource: (ctx, { PathPrefix }) =>
      `arn:aws:iam::${ctx.accountId}:instance-profile${PathPrefix ?? '/'}`,
  },
  async (ctx, input) => {
    const { items, more } = await paged(
      ctx,
      input,
      (page) => listProfiles(ctx.db, ctx.accountId, input.PathPrefix ?? '/', page),
      keyOf,
    );
    return { InstanceProfiles: await shapesOf(ctx.db, items), ...more };
  },
);

export const listInstanceProfilesForRole = iam(
  'listInstanceProfilesForRole',
  onRole,
  async (ctx, input, role) => {
    const { items, more } = await paged(
      ctx,
      input,
      (page) => profilesOf(ctx.db, role.id, page),
      keyOf,
    );
    return { InstanceProfiles: await shapesOf(ctx.db, items), ...more };
  },
);

export const deleteInstanceProfile = iam(
  'deleteInstanceProfile',
  onProfile,
  async (ctx, _input, named) => {
    await change(ctx, async (tx) => {
      const profile = await current(tx, named);
      if (profile.roleId) throw mustFirst('remove roles from instance profile');
      await deleteProfile(tx, profile.id);
    });
    return {};
  },
);

/** Who puts a role into a profile hands it to every instance that has that: AWS asks for iam:PassRole. */
export const addRoleToInstanceProfile = iam(
  'addRoleToInstanceProfile',
  onProfile,
  async (ctx, { RoleName = '' }, named) => {
    await authorizePass(ctx, RoleName);
    await change(ctx, async (tx) => {
      const profile = await current(tx, named);
      const { id } = await getIdentity(tx, ctx.accountId, 'role', RoleName);
      if (profile.roleId) throw quota('InstanceSessionsPerInstanceProfile', ROLES_PER_PROFILE);
      await updateProfile(tx, { ...profile, roleId: id });
    });
    return {};
  },
);

/** Of a role that is not there it is asked by the name, so that who has no rights does not learn which are. */
async function authorizePass(ctx: ServiceContext, RoleName: string): Promise<void> {
  const { accountId } = ctx;
  const role = await getIdentity(ctx.db, accountId, 'role', RoleName).catch(() => undefined);
  const arn = identityArn(role ?? { accountId, kind: 'role', path: '/', name: RoleName });
  await ctx.authorize('iam:PassRole', arn, {
    conditions: { 'iam:passedtoservice': 'ec2.amazonaws.com' },
    named: `role ${RoleName}`,
  });
}

export const removeRoleFromInstanceProfile = iam(
  'removeRoleFromInstanceProfile',
  onProfile,
  async (ctx, { RoleName = '' }, named) => {
    await change(ctx, async (tx) => {
      const profile = await current(tx, named);
      const { id } = await getIdentity(tx, ctx.accountId, 'role', RoleName);
      if (profile.roleId !== id) throw roleNotInProfile(RoleName, profile.name);
      await updateProfile(tx, { ...profile, roleId: undefined });
    });
    return {};
  },
);

type Tags = InstanceProfile['data']['tags'];

const changeTags = (ctx: ServiceContext, named: InstanceProfile, edit: (tags: Tags) => Tags) =>
  change(ctx, async (tx) => {
    const profile = await current(tx, named);
    await updateProfile(tx, { ...profile, data: { tags: edit(profile.data.tags) } });
    return {};
  });

export const tagInstanceProfile = iam('tagInstanceProfile', onProfile, (ctx, input, named) =>
  changeTags(ctx, named, (tags) => mergeTags(tags, input.Tags)),
);

export const untagInstanceProfile = iam('untagInstanceProfile', onProfile, (ctx, input, named) =>
  changeTags(ctx, named, (tags) => withoutTags(tags, input.TagKeys)),
);

export const listInstanceProfileTags = iam(
  'listInstanceProfileTags',
  onProfile,
  async (ctx, input, { data }) => {
    const { items, more } = slice(ctx, input, data.tags, ({ Key }) => Key);
    return { Tags: items, ...more };
  },
);
