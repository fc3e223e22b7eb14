import { need, onEach, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, type Tags, tagsOf, withoutTags, withTags } from '../../../kit/tags.ts';
import type { LoadBalancer } from '../model/things.ts';
import { balancer, TAG_RULES } from '../resources/balancer.ts';
import { updateBalancer } from '../store/balancers.ts';
import { elb } from './declare.ts';

const onNames = onEach(
  balancer,
  ({ LoadBalancerNames }: { LoadBalancerNames: string[] | undefined }) => LoadBalancerNames ?? [],
);

type Found = { located: ReturnType<typeof balancer.locate>; thing: LoadBalancer | undefined }[];

/** All of them, or none is touched. */
const needAll = (found: Found) =>
  found.map(({ located, thing }) => {
    if (thing === undefined) throw balancer.notFound(located);
    return { located, thing };
  });

/** Changes the tags of all of them in one transaction. */
const changeAll = (ctx: ServiceContext, found: Found, edit: (tags: Tags) => Tags) =>
  ctx.transaction(async (tx) => {
    for (const { located } of needAll(found)) {
      const now = await need(tx, balancer, located);
      await updateBalancer(tx, { ...now, tags: tagObject(edit(tagsOf(now.tags))) });
    }
  });

export const addTags = elb('addTags', onNames, async (ctx, { Tags = [] }, found) => {
  checkNewTags(Tags, TAG_RULES);
  await changeAll(ctx, found, (tags) => withTags(tags, tagsOf(Tags), TAG_RULES));
  return {};
});

export const removeTags = elb('removeTags', onNames, async (ctx, { Tags = [] }, found) => {
  const keys = Tags.map(({ Key = '' }) => Key);
  await changeAll(ctx, found, (tags) => withoutTags(tags, keys));
  return {};
});

export const describeTags = elb('describeTags', onNames, async (_ctx, _input, found) => ({
  TagDescriptions: needAll(found).map(({ thing: { name, tags } }) => ({
    LoadBalancerName: name,
    Tags: [...tagsOf(tags)].map(([Key, Value]) => ({ Key, Value })),
  })),
}));
