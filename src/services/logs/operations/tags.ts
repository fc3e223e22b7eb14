import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  ListTagsLogGroupCommandInput,
  ListTagsLogGroupCommandOutput,
  TagLogGroupCommandInput,
  TagLogGroupCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagLogGroupCommandInput,
  UntagLogGroupCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { TooManyTagsException } from '@aws-sdk/client-cloudwatch-logs';
import { exception } from '../../../aws/errors.ts';
import type { Authorization } from '../../../aws/operation.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { operation, type ServiceContext } from '../../service.ts';
import { groupArn, groupNameInIdentifier } from '../arns.ts';
import { groupNotFound, resourceNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { findGroup, updateGroup } from '../store.ts';
import type { Op } from './op.ts';

type Tags = Record<string, string>;

async function readTags(ctx: ServiceContext, groupName: string): Promise<Tags | undefined> {
  const group = await findGroup(ctx.db, ctx, groupName);
  return group && decodeJson<Tags>(group.tags);
}

/** @returns false when there is no such group */
async function changeTags(
  ctx: ServiceContext,
  groupName: string,
  change: (tags: Tags) => Tags,
): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const group = await findGroup(tx, ctx, groupName);
    if (!group) return false;
    const tags = change(decodeJson<Tags>(group.tags));
    if (Object.keys(tags).length > MAX_TAGS) {
      throw exception(TooManyTagsException, `A resource can have no more than ${MAX_TAGS} tags.`, {
        resourceName: groupName,
      });
    }
    await updateGroup(tx, group, { tags: encodeJson(tags) });
    return true;
  });
}

const without = (tags: Tags, keys: string[] | undefined): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys?.includes(key)));

const onArn = <I extends { resourceArn?: string | undefined }>(
  action: string,
): Authorization<ServiceContext, I> => ({
  action: `logs:${action}`,
  resource: (_ctx, input) => input.resourceArn ?? '',
});

const onGroup = <I extends { logGroupName?: string | undefined }>(
  action: string,
): Authorization<ServiceContext, I> => ({
  action: `logs:${action}`,
  resource: (ctx, input) => groupArn(ctx, input.logGroupName ?? ''),
});

export const tagResource: Op<TagResourceCommandInput, TagResourceCommandOutput> = operation(
  onArn('TagResource'),
  async (ctx, input) => {
    const name = groupNameInIdentifier(ctx, input.resourceArn ?? '');
    if (!(await changeTags(ctx, name, (tags) => ({ ...tags, ...input.tags }))))
      throw resourceNotFound();
    return {};
  },
);

export const untagResource: Op<UntagResourceCommandInput, UntagResourceCommandOutput> = operation(
  onArn('UntagResource'),
  async (ctx, input) => {
    const name = groupNameInIdentifier(ctx, input.resourceArn ?? '');
    if (!(await changeTags(ctx, name, (tags) => without(tags, input.tagKeys))))
      throw resourceNotFound();
    return {};
  },
);

export const listTagsForResource: Op<
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput
> = operation(onArn('ListTagsForResource'), async (ctx, input) => {
  const tags = await readTags(ctx, groupNameInIdentifier(ctx, input.resourceArn ?? ''));
  if (!tags) throw resourceNotFound();
  return { tags };
});

export const tagLogGroup: Op<TagLogGroupCommandInput, TagLogGroupCommandOutput> = operation(
  onGroup('TagLogGroup'),
  async (ctx, input) => {
    const done = await changeTags(ctx, input.logGroupName ?? '', (tags) => ({
      ...tags,
      ...input.tags,
    }));
    if (!done) throw groupNotFound();
    return {};
  },
);

export const untagLogGroup: Op<UntagLogGroupCommandInput, UntagLogGroupCommandOutput> = operation(
  onGroup('UntagLogGroup'),
  async (ctx, input) => {
    if (!(await changeTags(ctx, input.logGroupName ?? '', (tags) => without(tags, input.tags))))
      throw groupNotFound();
    return {};
  },
);

export const listTagsLogGroup: Op<ListTagsLogGroupCommandInput, ListTagsLogGroupCommandOutput> =
  operation(onGroup('ListTagsLogGroup'), async (ctx, input) => {
    const tags = await readTags(ctx, input.logGroupName ?? '');
    if (!tags) throw groupNotFound();
    return { tags };
  });
