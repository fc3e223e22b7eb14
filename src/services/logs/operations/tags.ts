import { tagsOfAny } from '../../../kit/any-of.ts';
import { addTags, at, on, removeTags, tagObject } from '../../../kit/resource.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { decodeJson } from '../../../lib/json.ts';
import { namedGroup, TAG_RULES } from '../resources/log-group.ts';
import { tagged } from '../resources/tagged.ts';
import { logs } from './declare.ts';

/** Checks the tags that a call brings. @throws InvalidParameterException */
export const checkTags = (tags: Record<string, string> = {}): void => checkNewTags(tags, TAG_RULES);

type ByArn = { resourceArn?: string | undefined };
type ByName = { logGroupName?: string | undefined };
const atArn = at(tagged, ({ resourceArn }: ByArn) => resourceArn);
const atName = at(namedGroup, ({ logGroupName }: ByName) => logGroupName);

export const tagResource = logs('tagResource', atArn, async (ctx, { tags = {} }, located) => {
  checkTags(tags);
  await addTags(ctx, tagged, located, tags);
  return {};
});

export const untagResource = logs('untagResource', atArn, async (ctx, input, located) => {
  await removeTags(ctx, tagged, located, input.tagKeys ?? []);
  return {};
});

export const listTagsForResource = logs(
  'listTagsForResource',
  on(tagged, ({ resourceArn }) => resourceArn),
  async (_ctx, _input, found) => ({ tags: tagObject(tagsOfAny(found)) }),
);

export const tagLogGroup = logs('tagLogGroup', atName, async (ctx, { tags = {} }, located) => {
  checkTags(tags);
  await addTags(ctx, namedGroup, located, tags);
  return {};
});

export const untagLogGroup = logs('untagLogGroup', atName, async (ctx, input, located) => {
  await removeTags(ctx, namedGroup, located, input.tags ?? []);
  return {};
});

export const listTagsLogGroup = logs(
  'listTagsLogGroup',
  on(namedGroup, ({ logGroupName }) => logGroupName),
  async (_ctx, _input, { tags }) => ({ tags: tagObject(tagsOf(decodeJson(tags))) }),
);
