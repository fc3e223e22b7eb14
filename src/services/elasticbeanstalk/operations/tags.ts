import { parseArn } from '../../../aws/arn.ts';
import { anyOf, tagsOfAny } from '../../../kit/any-of.ts';
import { on } from '../../../kit/resource.ts';
import { checkNewTags, tagConditions, tagsOf, withoutTags, withTags } from '../../../kit/tags.ts';
import { invalid, noResource, noTags } from '../errors.ts';
import { application, environment, TAG_RULES, template, version } from '../resources/kinds.ts';
import { elasticbeanstalk } from './declare.ts';

const KINDS = [application, version, template, environment] as const;

const taggable = anyOf(
  KINDS,
  ({ accountId, region }, text = '') => {
    const arn = parseArn(text);
    if (arn?.service !== 'elasticbeanstalk' || arn.accountId !== accountId || arn.region !== region)
      throw invalid(`Invalid resource ARN: ${text}`);
    for (const kind of KINDS) {
      const own = kind.parse(arn);
      if (own) return { ...own, kind, own };
    }
    throw noTags(text);
  },
  ({ arn }) => noResource(arn),
);

interface Change {
  ResourceArn: string | undefined;
  TagsToAdd?: unknown;
  TagsToRemove?: unknown;
}

const byArn = ({ ResourceArn }: Pick<Change, 'ResourceArn'>) => ResourceArn;

export const listTagsForResource = elasticbeanstalk(
  'listTagsForResource',
  on(taggable, byArn),
  async (_ctx, { ResourceArn }, found) => ({
    ResourceArn,
    ResourceTags: [...tagsOfAny(found)].map(([Key, Value]) => ({ Key, Value })),
  }),
);

export const updateTagsForResource = elasticbeanstalk(
  'updateTagsForResource',
  on(taggable, byArn, {
    conditions: (_ctx, input: Change) =>
      tagConditions({
        ...(input.TagsToAdd !== undefined && { Tags: input.TagsToAdd }),
        ...(input.TagsToRemove !== undefined && { TagKeys: input.TagsToRemove }),
      }),
  }),
  async (ctx, { ResourceArn, TagsToAdd = [], TagsToRemove = [] }) => {
    if (TagsToAdd.some(({ Key }) => TagsToRemove.includes(Key ?? '')))
      throw invalid('A tag key cannot be in both TagsToAdd and TagsToRemove.');
    checkNewTags(TagsToAdd, TAG_RULES);
    const located = taggable.locate(ctx, ResourceArn);
    await ctx.transaction(async (tx) => {
      const found = await taggable.find(tx, located);
      if (!found) throw taggable.notFound(located);
      const left = withoutTags(tagsOfAny(found), TagsToRemove);
      await taggable.tags?.save?.(tx, found, withTags(left, tagsOf(TagsToAdd), TAG_RULES));
    });
    return {};
  },
);
