import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid } from '../errors.ts';
import { PAGE } from '../limits.ts';

/** A page of a hundred, which is all that SNS lets callers ask for. */
export async function paged<T>(
  ctx: ServiceContext,
  { NextToken }: { NextToken?: string | undefined },
  load: (page: { after: string | undefined; limit: number }) => Promise<T[]>,
  keyOf: (item: T) => string,
) {
  const refuse = () => invalid('NextToken Reason: An error occurred while parsing the token');
  const { items, nextToken } = await page(
    ctx,
    { token: NextToken || undefined, limit: PAGE, refuse },
    (after: string | undefined, limit) => load({ after, limit }),
    keyOf,
  );
  return { items, ...(nextToken !== undefined && { NextToken: nextToken }) };
}
