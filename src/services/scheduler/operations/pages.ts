import { type Key, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidToken } from '../errors.ts';
import { DEFAULT_PAGE } from '../limits.ts';

interface Paged {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** The page of a list that MaxResults and NextToken ask for. */
export function paginate<T>(
  ctx: ServiceContext,
  { NextToken: token, MaxResults: limit = DEFAULT_PAGE }: Paged,
  items: T[],
  keyOf: (item: T) => Key,
): { items: T[]; next: { NextToken?: string } } {
  const page = pageOfList<T, Key>(ctx, { token, limit, refuse: invalidToken }, items, keyOf);
  return { items: page.items, next: page.nextToken ? { NextToken: page.nextToken } : {} };
}
