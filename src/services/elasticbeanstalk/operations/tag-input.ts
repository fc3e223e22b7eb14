import type { Tag } from '@aws-sdk/client-elastic-beanstalk';
import { tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagConditions, tagsOf } from '../../../kit/tags.ts';
import { TAG_RULES } from '../resources/kinds.ts';

/** The tags of something new; whoever gives it some needs the right to tag it too. */
export async function newTags(
  ctx: ServiceContext,
  arn: string,
  given: Tag[] | undefined,
): Promise<Record<string, string>> {
  if (!given || given.length === 0) return {};
  checkNewTags(given, TAG_RULES);
  const conditions = tagConditions({ Tags: given });
  await ctx.authorize('elasticbeanstalk:AddTags', arn, { conditions });
  return tagObject(tagsOf(given));
}
