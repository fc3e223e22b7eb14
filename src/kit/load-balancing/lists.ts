import { type Key, pageOfList } from '../pages.ts';
import { tagObject } from '../resource.ts';
import type { ServiceContext } from '../service.ts';
import { checkNewTags, type TagRules, tagConditions, tagsOf } from '../tags.ts';

/** Items a page, where nobody says. */
const PAGE = 400;

/** A page of a list, as `Marker` and `PageSize` ask for it. @throws what `invalid` makes */
export function pageByMarker<T>(
  ctx: ServiceContext,
  { Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined },
  list: T[],
  { keyOf, invalid }: { keyOf: (item: T) => Key; invalid: (message: string) => Error },
) {
  const refuse = () => invalid('The specified marker is not valid');
  const asked = { token: Marker || undefined, limit: PageSize ?? PAGE, refuse };
  const { items, nextToken } = pageOfList<T, Key>(ctx, asked, list, keyOf);
  return { items, next: nextToken === undefined ? {} : { NextMarker: nextToken } };
}

type Given = { Key: string | undefined; Value?: string | undefined }[] | undefined;

/** The tags of something new; whoever gives it some needs the right to tag it too. @param creates the operation */
export async function tagsOfNew(
  ctx: ServiceContext,
  arn: string,
  creates: string,
  { given = [], rules }: { given: Given; rules: TagRules },
): Promise<Record<string, string>> {
  if (given.length === 0) return {};
  checkNewTags(given, rules);
  const conditions = {
    ...tagConditions({ Tags: given }),
    'elasticloadbalancing:createaction': creates,
  };
  await ctx.authorize('elasticloadbalancing:AddTags', arn, { conditions });
  return tagObject(tagsOf(given));
}
