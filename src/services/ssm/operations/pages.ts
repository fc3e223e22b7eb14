import { type Asked, page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidToken } from '../errors.ts';
import type { Parameter } from '../model/parameter.ts';
import { listParameters } from '../store/parameters.ts';

const ROWS_AT_ONCE = 500;

/** What the caller of a list asked for. @throws InvalidNextToken */
export const asked = (
  input: { NextToken?: string | undefined; MaxResults?: number | undefined },
  limit: number,
): Asked => ({
  token: input.NextToken,
  limit: input.MaxResults ?? limit,
  refuse: invalidToken,
});

/** One page of the parameters that match, by name. */
export function scan(
  ctx: ServiceContext,
  query: { matches: (parameter: Parameter) => boolean; asked: Asked },
) {
  return page(
    ctx,
    query.asked,
    (after: string | undefined, count) => search(ctx, query.matches, after, count),
    (parameter) => parameter.name,
  );
}

async function search(
  ctx: ServiceContext,
  matches: (parameter: Parameter) => boolean,
  start: string | undefined,
  count: number,
): Promise<Parameter[]> {
  const found: Parameter[] = [];
  for (let after = start; ; ) {
    const rows = await listParameters(ctx.db, ctx, after, ROWS_AT_ONCE);
    for (const parameter of rows) {
      if (matches(parameter)) found.push(parameter);
      if (found.length === count) return found;
    }
    if (rows.length < ROWS_AT_ONCE) return found;
    after = rows.at(-1)?.name;
  }
}
