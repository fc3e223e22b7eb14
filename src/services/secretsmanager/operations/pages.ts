import { type Key, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidToken } from '../errors.ts';

interface Paged {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** The page of a list that MaxResults and NextToken ask for. @throws InvalidNextTokenException */
export function paginate<T, K extends Key>(
  ctx: ServiceContext,
  input: Paged,
  defaultLimit: number,
  items: T[],
  keyOf: (item: T) => K,
  order: 'asc' | 'desc' = 'asc',
): { items: T[]; next: { NextToken?: string } } {
  const asked = {
    token: input.NextToken,
    limit: input.MaxResults ?? defaultLimit,
    refuse: invalidToken,
  };
  const direction = order === 'asc' ? 'ascending' : 'descending';
  const page = pageOfList(ctx, asked, items, keyOf, direction);
  return { items: page.items, next: page.nextToken ? { NextToken: page.nextToken } : {} };
}
