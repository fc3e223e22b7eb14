import { TooManyTagsException } from '@aws-sdk/client-cloudwatch-logs';
import { exception } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, type TagRules } from '../../../kit/tags.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { groupArn, groupNameInIdentifier } from '../arns.ts';
import { groupNotFound, invalidParameter, resourceNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { findGroup, updateGroup } from '../store.ts';
import { logs } from './declare.ts';

type Tags = Record<string, string>;

const RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalidParameter('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => invalidParameter(`A log group has at most ${MAX_TAGS} tags.`),
};

/** Checks the tags that a call brings. @throws InvalidParameterException */
export const checkTags = (tags: Tags = {}): void => checkNewTags(tags, RULES);

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

const onArn = {
  resource: (_ctx: ServiceContext, input: { resourceArn?: string | undefined }) =>
    input.resourceArn ?? '',
};

const onGroup = {
  resource: (ctx: ServiceContext, input: { logGroupName?: string | undefined }) =>
    groupArn(ctx, input.logGroupName ?? ''),
};

export const tagResource = logs('tagResource', onArn, async (ctx, input) => {
  const name = groupNameInIdentifier(ctx, input.resourceArn ?? '');
  checkTags(input.tags);
  if (!(await changeTags(ctx, name, (tags) => ({ ...tags, ...input.tags }))))
    throw resourceNotFound();
  return {};
});

export const untagResource = logs('untagResource', onArn, async (ctx, input) => {
  const name = groupNameInIdentifier(ctx, input.resourceArn ?? '');
  if (!(await changeTags(ctx, name, (tags) => without(tags, input.tagKeys))))
    throw resourceNotFound();
  return {};
});

export const listTagsForResource = logs('listTagsForResource', onArn, async (ctx, input) => {
  const tags = await readTags(ctx, groupNameInIdentifier(ctx, input.resourceArn ?? ''));
  if (!tags) throw resourceNotFound();
  return { tags };
});

export const tagLogGroup = logs('tagLogGroup', onGroup, async (ctx, input) => {
  checkTags(input.tags);
  const done = await changeTags(ctx, input.logGroupName ?? '', (tags) => ({
    ...tags,
    ...input.tags,
  }));
  if (!done) throw groupNotFound();
  return {};
});

export const untagLogGroup = logs('untagLogGroup', onGroup, async (ctx, input) => {
  if (!(await changeTags(ctx, input.logGroupName ?? '', (tags) => without(tags, input.tags))))
    throw groupNotFound();
  return {};
});

export const listTagsLogGroup = logs('listTagsLogGroup', onGroup, async (ctx, input) => {
  const tags = await readTags(ctx, input.logGroupName ?? '');
  if (!tags) throw groupNotFound();
  return { tags };
});
