import { addTags as give, onEach, removeTags as take } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import type { LoadBalancer } from '../model/things.ts';
import { balancer } from '../resources/balancer.ts';
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

export const addTags = elb('addTags', onNames, async (ctx, { Tags = [] }, found) => {
  for (const { located } of needAll(found))
    await give(ctx, balancer, located, Tags as { Key: string }[]);
  return {};
});

export const removeTags = elb('removeTags', onNames, async (ctx, { Tags = [] }, found) => {
  const keys = Tags.map(({ Key = '' }) => Key);
  for (const { located } of needAll(found)) await take(ctx, balancer, located, keys);
  return {};
});

export const describeTags = elb('describeTags', onNames, async (_ctx, _input, found) => ({
  TagDescriptions: needAll(found).map(({ thing: { name, tags } }) => ({
    LoadBalancerName: name,
    Tags: [...tagsOf(tags)].map(([Key, Value]) => ({ Key, Value })),
  })),
}));
