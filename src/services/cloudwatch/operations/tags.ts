import { parseArn } from '../../../aws/arn.ts';
import { type AnyResource, addTags, removeTags } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidValue, resourceNotFound } from '../errors.ts';
import { alarm } from '../resources/alarm.ts';
import { dashboard } from '../resources/dashboard.ts';
import { muteRule } from '../resources/mute-rule.ts';
import { cloudwatch } from './declare.ts';

interface OnResource {
  ResourceARN?: string | undefined;
}

const KINDS: AnyResource[] = [alarm, dashboard, muteRule];

const rule = {
  resource: (_ctx: ServiceContext, { ResourceARN }: OnResource) => ResourceARN ?? '*',
};

/** What an ARN of the caller's account and region names. @throws what there is to say of one that names nothing */
async function named(ctx: ServiceContext, { ResourceARN: text = '' }: OnResource) {
  const arn = parseArn(text);
  if (arn?.service !== 'cloudwatch') throw invalidValue(`The ARN ${text} is invalid.`);
  const own = arn.accountId === ctx.accountId && ['', ctx.region].includes(arn.region);
  for (const resource of own ? KINDS : []) {
    const located = resource.parse(arn);
    if (located?.arn !== text) continue;
    const thing = await resource.find(ctx.db, located);
    if (thing !== undefined) return { resource, located, thing };
  }
  const [type = '', name = ''] = arn.resource.split(/[:/]/);
  throw resourceNotFound(type, name);
}

export const tagResource = cloudwatch('tagResource', rule, async (ctx, input) => {
  const { resource, located } = await named(ctx, input);
  await addTags(ctx, resource, located, input.Tags ?? []);
  return {};
});

export const untagResource = cloudwatch('untagResource', rule, async (ctx, input) => {
  const { resource, located } = await named(ctx, input);
  await removeTags(ctx, resource, located, input.TagKeys ?? []);
  return {};
});

export const listTagsForResource = cloudwatch('listTagsForResource', rule, async (ctx, input) => {
  const { resource, thing } = await named(ctx, input);
  const tags = [...(resource.tags?.of(thing) ?? [])];
  return { Tags: tags.map(([Key, Value]) => ({ Key, Value })) };
});
