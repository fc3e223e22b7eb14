import { type Page as PageOfItems, page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidMarker } from '../errors.ts';
import type { Page } from '../store/keys.ts';

interface Paged {
  Marker?: string;
  Limit?: number;
}

/** What the caller asked for. @throws InvalidMarkerException */
const asked = (input: Paged, limit: number) => ({
  token: input.Marker,
  limit: input.Limit ?? limit,
  refuse: invalidMarker,
});

/** Items, and the members that say whether the list goes on. */
const shown = <T>({ items, nextToken }: PageOfItems<T>) => ({
  items,
  more: nextToken === undefined ? { Truncated: false } : { Truncated: true, NextMarker: nextToken },
});

/** The page that Marker and Limit ask for; `limit` when there is no Limit. */
export async function paged<T>(
  ctx: ServiceContext,
  input: Paged,
  limit: number,
  load: (page: Page) => Promise<T[]>,
  nameOf: (item: T) => string,
) {
  const loadAfter = (after: string | undefined, count: number) =>
    load({ after: after ?? '', limit: count });
  return shown(await page(ctx, asked(input, limit), loadAfter, nameOf));
}

/** The same out of a whole list. */
export function slice<T>(
  ctx: ServiceContext,
  input: Paged,
  limit: number,
  all: T[],
  nameOf: (item: T) => string,
) {
  return shown(pageOfList(ctx, asked(input, limit), all, nameOf));
}
