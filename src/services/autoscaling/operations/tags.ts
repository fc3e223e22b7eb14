import type * as sdk from '@aws-sdk/client-auto-scaling';
import { onEach } from '../../../kit/resource.ts';
import { tagsOf, withTags } from '../../../kit/tags.ts';
import { invalid, noGroup } from '../errors.ts';
import type { GroupTag } from '../model/group.ts';
import { group, TAG_RULES } from '../resources/group.ts';
import { listGroups } from '../store/groups.ts';
import { autoscaling, change, paged } from './declare.ts';
import { type GivenTag, readTags } from './group-input.ts';
import { tagShape } from './shapes.ts';

interface HasTags {
  Tags: sdk.Tag[] | undefined;
}

const MOST = 100;
const namesOf = ({ Tags = [] }: HasTags) => [
  ...new Set(Tags.slice(0, MOST).map(({ ResourceId = '' }) => ResourceId)),
];

const onGroups = onEach(group, namesOf);

/** The tags of a call by the groups that they are of. */
function byGroup({ Tags = [] }: HasTags): Map<string, GivenTag[]> {
  if (Tags.length > MOST) throw invalid(`No more than ${MOST} tags are given by one call.`);
  for (const { ResourceId, ResourceType } of Tags) {
    if (!ResourceId) throw invalid('A tag needs a ResourceId.');
    if (ResourceType !== undefined && ResourceType !== 'auto-scaling-group')
      throw invalid(`Invalid resource type: ${ResourceType}`);
  }
  return Map.groupBy(Tags, ({ ResourceId = '' }) => ResourceId);
}

export const createOrUpdateTags = autoscaling(
  'createOrUpdateTags',
  onGroups,
  async (ctx, input, found) => {
    const groups = [...byGroup(input)].map(([id, tags]) => ({ id, tags: readTags(tags) }));
    for (const { located, thing } of found) if (!thing) throw noGroup(located.name);
    await ctx.transaction(async (tx) => {
      for (const { id, tags } of groups)
        await change(ctx, tx, group.locate(ctx, id), ({ body }) => {
          withTags(tagsOf(body.tags), tagsOf(tags), TAG_RULES);
          const keys = new Set(tags.map(({ key }) => key));
          body.tags = [...body.tags.filter(({ key }) => !keys.has(key)), ...tags];
        });
    });
    return {};
  },
);

/** One whose value is said goes where it has that. */
export const deleteTags = autoscaling('deleteTags', onGroups, async (ctx, input, found) => {
  const groups = byGroup(input);
  for (const { located, thing } of found) if (!thing) throw noGroup(located.name);
  await ctx.transaction(async (tx) => {
    for (const [id, tags] of groups)
      await change(ctx, tx, group.locate(ctx, id), ({ body }) => {
        const isMeant = ({ key, value }: GroupTag) =>
          tags.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value));
        body.tags = body.tags.filter((tag) => !isMeant(tag));
      });
  });
  return {};
});

export const describeTags = autoscaling('describeTags', {}, async (ctx, input) => {
  const { IncludeManagedResources: _ } = input;
  const tests = (input.Filters ?? []).map(({ Name = '', Values = [] }) => {
    const of = {
      'auto-scaling-group': (name: string, _tag: GroupTag) => name,
      key: (_name: string, { key }: GroupTag) => key,
      value: (_name: string, { value }: GroupTag) => value,
      'propagate-at-launch': (_name: string, { propagates }: GroupTag) => String(propagates),
    };
    if (!Object.hasOwn(of, Name)) throw invalid(`Filter type ${Name} is not correct.`);
    const read = of[Name as keyof typeof of];
    return (name: string, tag: GroupTag) => Values.includes(read(name, tag));
  });
  const all = (await listGroups(ctx.db, ctx)).flatMap(({ name, body }) =>
    body.tags.filter((tag) => tests.every((test) => test(name, tag))).map((tag) => ({ name, tag })),
  );
  const { items, next } = paged(ctx, input, all, ({ name, tag }) => [name, tag.key]);
  return { Tags: items.map(({ name, tag }) => tagShape(name, tag)), ...next };
});
