import { addTags, at, need, on, removeTags, tagObject } from '../../../kit/resource.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { conflict, invalid, tooMany } from '../errors.ts';
import { MAX_GROUPS } from '../limits.ts';
import { DEFAULT_GROUP } from '../model/schedule.ts';
import { atGroup, group, onGroup, TAG_RULES, taggedGroup } from '../resources/schedule.ts';
import {
  deleteGroup,
  findGroup,
  type Group,
  listGroups as listRows,
  saveGroup,
} from '../store/groups.ts';
import { scheduler } from './declare.ts';
import { paginate } from './pages.ts';

export const createScheduleGroup = scheduler(
  'createScheduleGroup',
  atGroup,
  async (ctx, input, { name, arn }) => {
    checkNewTags(input.Tags ?? [], TAG_RULES);
    const { accountId, region } = ctx;
    await ctx.transaction(async (tx) => {
      const known = await findGroup(tx, ctx, name);
      // The same token is a retry.
      if (known && input.ClientToken !== undefined && known.clientToken === input.ClientToken)
        return;
      if (known) throw conflict(`Schedule group ${name} already exists.`);
      if ((await listRows(tx, ctx)).length >= MAX_GROUPS)
        throw tooMany(`There are ${MAX_GROUPS} schedule groups.`);
      await saveGroup(tx, {
        ...{ accountId, region, name, tags: tagObject(tagsOf(input.Tags)) },
        createdAt: ctx.clock.now(),
        ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
      });
    });
    return { ScheduleGroupArn: arn };
  },
);

export const deleteScheduleGroup = scheduler(
  'deleteScheduleGroup',
  atGroup,
  async (ctx, _input, located) => {
    const { name } = located;
    if (name === DEFAULT_GROUP) throw invalid('The default schedule group cannot be deleted.');
    await ctx.transaction(async (tx) => {
      await need(tx, group, located);
      await deleteGroup(tx, located, name);
    });
    return {};
  },
);

const shown = (found: Group) => ({
  ...{ Arn: group.locate({ ...found, partition: 'aws' } as never, found.name).arn },
  ...{ Name: found.name, State: 'ACTIVE' as const },
  ...{ CreationDate: found.createdAt, LastModificationDate: found.createdAt },
});

export const getScheduleGroup = scheduler(
  'getScheduleGroup',
  onGroup,
  async (_ctx, _input, found) => shown(found),
);

export const listScheduleGroups = scheduler('listScheduleGroups', {}, async (ctx, input) => {
  const all = await listRows(ctx.db, ctx);
  const named = all.filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
  const { items, next } = paginate(ctx, input, named, ({ name }) => name);
  return { ScheduleGroups: items.map(shown), ...next };
});

interface NamesArn {
  ResourceArn: string | undefined;
}
const onTagged = on(taggedGroup, ({ ResourceArn }: NamesArn) => ResourceArn);
const atTagged = at(taggedGroup, ({ ResourceArn }: NamesArn) => ResourceArn);

export const tagResource = scheduler('tagResource', atTagged, async (ctx, input, located) => {
  await addTags(ctx, taggedGroup, located, input.Tags ?? []);
  return {};
});

export const untagResource = scheduler('untagResource', atTagged, async (ctx, input, located) => {
  await removeTags(ctx, taggedGroup, located, input.TagKeys ?? []);
  return {};
});

export const listTagsForResource = scheduler(
  'listTagsForResource',
  onTagged,
  async (_ctx, _input, { tags }) => ({
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  }),
);
