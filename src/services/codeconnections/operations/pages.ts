import { type Page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidToken } from '../errors.ts';
import { DEFAULT_PAGE } from '../limits.ts';

interface Paged {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** The page of a list that MaxResults and NextToken ask for; 0 is AWS's default. */
export function paginate<T extends { arn: string }>(
  ctx: ServiceContext,
  { NextToken: token, MaxResults }: Paged,
  items: T[],
  refuse: () => Error = invalidToken,
): Page<T> {
  const limit = MaxResults || DEFAULT_PAGE;
  return pageOfList(ctx, { token, limit, refuse }, items, ({ arn }) => arn);
}
