import { pageByMarker, tagsOfNew } from '../../../kit/load-balancing/lists.ts';
import type { Key } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import { TAG_RULES } from '../resources/kinds.ts';

/** A page of a list, as `Marker` and `PageSize` ask for it. */
export const paged = <T>(
  ctx: ServiceContext,
  asked: Parameters<typeof pageByMarker>[1],
  list: T[],
  keyOf: (item: T) => Key,
) => pageByMarker(ctx, asked, list, { keyOf, invalid });

/** The tags of something new; whoever gives it some needs the right to tag it too. */
export const newTags = (
  ctx: ServiceContext,
  arn: string,
  creates: string,
  given: Parameters<typeof tagsOfNew>[3]['given'],
) => tagsOfNew(ctx, arn, creates, { given, rules: TAG_RULES });

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
