import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { tagsOfAny } from '../../../kit/any-of.ts';
import { addTags, on, removeTags } from '../../../kit/resource.ts';
import { checkNewTags } from '../../../kit/tags.ts';
import { tagList } from '../resources/application.ts';
import { invalidTags, tagRules } from '../resources/tag-rules.ts';
import { taggable } from '../resources/taggable.ts';
import { codedeploy } from './declare.ts';

/** Tags as they may be given to an application or group. @throws InvalidTagsToAddException */
export function checkTags(tags: sdk.Tag[] = []): sdk.Tag[] {
  if (tags.some(({ Key, Value }) => !Key || Key.length > 128 || (Value?.length ?? 0) > 256))
    throw invalidTags();
  checkNewTags(tags, tagRules());
  return tags.map(({ Key, Value }) => ({ Key, Value: Value ?? '' }));
}

const onResource = on(
  taggable,
  ({ ResourceArn }: { ResourceArn?: string | undefined }) => ResourceArn,
);

const tagRequired = () => exception(sdk.TagRequiredException, 'A tag was not specified.');

export const tagResource = codedeploy('tagResource', onResource, async (ctx, input) => {
  if (!input.Tags?.length) throw tagRequired();
  const located = taggable.locate(ctx, input.ResourceArn);
  await addTags(ctx, taggable, located, checkTags(input.Tags));
  return {};
});

export const untagResource = codedeploy('untagResource', onResource, async (ctx, input) => {
  if (!input.TagKeys?.length) throw tagRequired();
  const located = taggable.locate(ctx, input.ResourceArn);
  await removeTags(ctx, taggable, located, input.TagKeys);
  return {};
});

export const listTagsForResource = codedeploy(
  'listTagsForResource',
  onResource,
  async (_ctx, _input, found) => ({ Tags: tagList(tagsOfAny(found)) }),
);
