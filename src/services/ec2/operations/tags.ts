import type * as sdk from '@aws-sdk/client-ec2';
import type { Tx } from '../../../db/database.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isReservedTag, withoutTags, withTags } from '../../../kit/tags.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidToken, invalidValue, missing, notFound } from '../errors.ts';
import { prefixOf } from '../model/ids.ts';
import * as net from '../model/network.ts';
import { TAG_RULES } from '../resources/tag-rules.ts';
import { listImages } from '../store/images.ts';
import { findInstances, listInstances } from '../store/instances.ts';
import { findKeyPair } from '../store/key-pairs.ts';
import { findTemplate } from '../store/launch-templates.ts';
import { listGroups } from '../store/security-groups.ts';
import { saveTags, tagsById } from '../store/tags.ts';
import { ec2 } from './declare.ts';
import { checkTags, mayReserve, reservedTags } from './inputs.ts';
import { filtered, limitOf } from './lists.ts';

/** The type of a resource by the prefix of its id, as tags and ARNs name it. */
const TYPES: Record<string, string> = {
  i: 'instance',
  ami: 'image',
  sg: 'security-group',
  vpc: 'vpc',
  subnet: 'subnet',
  igw: 'internet-gateway',
  rtb: 'route-table',
  eni: 'network-interface',
  vol: 'volume',
  lt: 'launch-template',
  key: 'key-pair',
};

const typeOf = (id: string): string | undefined => {
  const prefix = prefixOf(id);
  return prefix ? ownValue(TYPES, prefix) : undefined;
};

const MOST_RESOURCES = 1000;

/** What a call names, as IAM is asked about it. */
const onResources = {
  resource: (
    { region, accountId }: ServiceContext,
    { Resources = [] }: { Resources?: string[] | undefined },
  ) =>
    Resources.length === 0
      ? '*'
      : Resources.slice(0, MOST_RESOURCES).map(
          (id) => `arn:aws:ec2:${region}:${accountId}:${typeOf(id) ?? '*'}/${id}`,
        ),
};

async function exists(tx: Tx, ctx: ServiceContext, id: string): Promise<boolean> {
  const type = typeOf(id);
  if (type === 'instance') return (await findInstances(tx, ctx, [id])).has(id);
  if (type === 'image') return (await listImages(tx, ctx)).some((image) => image.id === id);
  if (type === 'security-group')
    return (await listGroups(tx, ctx)).some((group) => group.id === id);
  if (type === 'launch-template') return (await findTemplate(tx, ctx, { id })) !== undefined;
  if (type === 'key-pair') return (await findKeyPair(tx, ctx, { id })) !== undefined;
  if (type === 'subnet') return net.subnetsOf(ctx).some((subnet) => subnet.id === id);
  if (type === 'network-interface' || type === 'volume') {
    const of = type === 'volume' ? net.volumeOf : net.interfaceOf;
    return (await listInstances(tx, ctx)).some(
      (instance) => instance.state !== 'terminated' && of(instance.id) === id,
    );
  }
  return [net.vpcOf(ctx), net.internetGatewayOf(ctx), net.routeTableOf(ctx)].includes(id);
}

function check(ids: readonly string[] | undefined): readonly string[] {
  if (!ids?.length) throw missing('ResourceId');
  if (ids.length > MOST_RESOURCES)
    throw invalidValue(`No more than ${MOST_RESOURCES} resources are tagged by one call.`);
  for (const id of ids) if (!typeOf(id)) throw invalidValue(`The ID '${id}' is not valid`);
  return [...new Set(ids)];
}

export const createTags = ec2('createTags', onResources, async (ctx, input) => {
  const ids = check(input.Resources);
  if (!input.Tags?.length) throw missing('Tag');
  const { own, reserved } = reservedTags(ctx, input.Tags);
  const given = new Map([...checkTags(own), ...reserved]);
  await ctx.transaction(async (tx) => {
    const tags = await tagsById(tx, ctx, ids);
    for (const id of ids) {
      if (!(await exists(tx, ctx, id))) throw notFound(prefixOf(id) ?? '', id);
      await saveTags(tx, ctx, id, withTags(tags.get(id) ?? new Map(), given, TAG_RULES));
    }
  });
  return {};
});

/** Without tags all of them go; one whose value is given goes where it has that. */
export const deleteTags = ec2('deleteTags', onResources, async (ctx, input) => {
  const ids = check(input.Resources);
  await ctx.transaction(async (tx) => {
    const tags = await tagsById(tx, ctx, ids);
    for (const id of ids) {
      const its = tags.get(id);
      if (!its) continue;
      const isMeant = ({ Key = '', Value }: sdk.Tag) =>
        Value === undefined || its.get(Key) === Value;
      const meant = input.Tags?.length ? input.Tags.filter(isMeant) : undefined;
      const all = meant ? meant.map(({ Key = '' }) => Key) : [...its.keys()];
      const gone = all.filter((key) => !isReservedTag(key) || mayReserve(ctx, key));
      await saveTags(tx, ctx, id, withoutTags(its, gone));
    }
  });
  return {};
});

export const describeTags = ec2('describeTags', {}, async (ctx, input) => {
  const all = [...(await tagsById(ctx.db, ctx))].flatMap(([ResourceId, tags]) =>
    [...tags].map(([Key, Value]) => ({
      ...{ ResourceId, Key, Value, ResourceType: typeOf(ResourceId) as sdk.ResourceType },
    })),
  );
  const shown = filtered(input.Filters, all, {
    factsOf: ({ ResourceId, ResourceType, Key, Value }) => ({
      ...{ 'resource-id': ResourceId, 'resource-type': ResourceType, key: Key, value: Value },
    }),
    tagsOf: ({ Key, Value }) => new Map([[Key, Value]]),
  });
  const asked = {
    token: input.NextToken || undefined,
    limit: limitOf(input.MaxResults),
    refuse: invalidToken,
  };
  const { items, nextToken } = pageOfList(ctx, asked, shown, ({ ResourceId, Key }) => [
    ResourceId,
    Key,
  ]);
  return { Tags: items, ...(nextToken !== undefined && { NextToken: nextToken }) };
});
