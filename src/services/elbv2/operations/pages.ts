import { type Key, pageOfList } from '../../../kit/pages.ts';
import { tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagConditions, tagsOf } from '../../../kit/tags.ts';
import { invalid } from '../errors.ts';
import { PAGE } from '../limits.ts';
import { TAG_RULES } from '../resources/kinds.ts';

/** A page of a list, as `Marker` and `PageSize` ask for it. */
export function paged<T>(
  ctx: ServiceContext,
  { Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined },
  list: T[],
  keyOf: (item: T) => Key,
) {
  const refuse = () => invalid('The specified marker is not valid');
  const asked = { token: Marker || undefined, limit: PageSize ?? PAGE, refuse };
  const { items, nextToken } = pageOfList<T, Key>(ctx, asked, list, keyOf);
  return { items, next: nextToken === undefined ? {} : { NextMarker: nextToken } };
}

type GivenTags = { Key: string | undefined; Value?: string | undefined }[] | undefined;

/** The tags of something new; whoever gives it some needs the right to tag it too. */
export async function newTags(
  ctx: ServiceContext,
  arn: string,
  creates: string,
  given: GivenTags = [],
): Promise<Record<string, string>> {
  if (given.length === 0) return {};
  checkNewTags(given, TAG_RULES);
  const conditions = {
    ...tagConditions({ Tags: given }),
    'elasticloadbalancing:createaction': creates,
  };
  await ctx.authorize('elasticloadbalancing:AddTags', arn, { conditions });
  return tagObject(tagsOf(given));
}

/** Those of a list that were named, all of which have to be there. */
export function named<T>(
  list: T[],
  names: readonly string[] | undefined,
  nameOf: (item: T) => string,
  notFound: () => Error,
): T[] {
  if (names === undefined || names.length === 0) return list;
  const found = list.filter((item) => names.includes(nameOf(item)));
  if (names.some((name) => !found.some((item) => nameOf(item) === name))) throw notFound();
  return found;
}
