import { InvalidArnException, type Tag } from '@aws-sdk/client-codepipeline';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { resourceNotFound, systemTag, tooManyTags } from '../errors.ts';
import { limits } from '../limits.ts';
import { findPipeline, type PipelineRecord, setTags } from '../store.ts';
import { codepipeline } from './declare.ts';
import { asked } from './op.ts';

type Tags = PipelineRecord['tags'];

const onResource = {
  resource: (_: ServiceContext, input: { resourceArn: string | undefined }) =>
    input.resourceArn ?? '',
};

/** The tags with `added` put over them (CP-A41). @throws InvalidTagsException, TooManyTagsException */
export function checkedTags(arn: string, tags: Tags, added: Tag[]): Tags {
  if (added.some((tag) => tag.key?.toLowerCase().startsWith('aws:'))) throw systemTag();
  const merged = new Map(tags.map((tag) => [tag.key, tag.value]));
  for (const { key, value } of added) merged.set(key ?? '', value ?? '');
  if (merged.size > limits.tags) throw tooManyTags(arn);
  return [...merged].map(([key, value]) => ({ key, value }));
}

async function taggedPipeline(
  ctx: ServiceContext,
  tx: Tx,
  resourceArn: string | undefined,
): Promise<PipelineRecord> {
  const arn = parseArn(resourceArn ?? '');
  if (arn?.service !== 'codepipeline' || arn.resource.includes('/')) {
    throw exception(InvalidArnException, `The ARN '${resourceArn}' is not valid`);
  }
  const own = arn.accountId === ctx.accountId && arn.region === ctx.region;
  const key = { accountId: ctx.accountId, region: ctx.region, name: arn.resource };
  const record = own ? await findPipeline(tx, key) : undefined;
  if (!record) throw resourceNotFound(ctx.accountId, arn.resource);
  return record;
}

export const tagResource = codepipeline('tagResource', onResource, async (ctx, input) => {
  await ctx.transaction(async (tx) => {
    const record = await taggedPipeline(ctx, tx, input.resourceArn);
    const tags = checkedTags(record.arn, record.tags, input.tags ?? []);
    await setTags(tx, record.pipelineId, tags);
  });
  return {};
});

export const untagResource = codepipeline('untagResource', onResource, async (ctx, input) => {
  const keys = input.tagKeys ?? [];
  if (keys.some((key) => key.toLowerCase().startsWith('aws:'))) throw systemTag();
  await ctx.transaction(async (tx) => {
    const record = await taggedPipeline(ctx, tx, input.resourceArn);
    const tags = record.tags.filter((tag) => !keys.includes(tag.key));
    await setTags(tx, record.pipelineId, tags);
  });
  return {};
});

/** All in one answer (CP-A3). */
export const listTagsForResource = codepipeline(
  'listTagsForResource',
  onResource,
  async (ctx, input) => {
    const record = await taggedPipeline(ctx, ctx.db, input.resourceArn);
    const { items, nextToken } = pageOfList(
      ctx,
      asked(input, limits.tags),
      record.tags,
      (tag) => tag.key ?? '',
    );
    return { tags: items, ...(nextToken && { nextToken }) };
  },
);
