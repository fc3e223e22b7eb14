import type { ServiceContext } from '../../service.ts';
import { invalidToken } from '../errors.ts';
import type { Parameter } from '../model/parameter.ts';
import { listParameters } from '../store.ts';

const ROWS_AT_ONCE = 500;

/** One page of the parameters that match, by name, and the token of the next one. */
export async function scan(
  ctx: ServiceContext,
  query: { matches: (parameter: Parameter) => boolean; token: string | undefined; limit: number },
): Promise<{ parameters: Parameter[]; token?: string }> {
  const found: Parameter[] = [];
  let after = openName(ctx, query.token);
  for (;;) {
    const rows = await listParameters(ctx.db, ctx, after, ROWS_AT_ONCE);
    for (const parameter of rows) {
      if (!query.matches(parameter)) continue;
      if (found.length >= query.limit)
        return { parameters: found, token: ctx.sealToken(found.at(-1)?.name) };
      found.push(parameter);
    }
    if (rows.length < ROWS_AT_ONCE) return { parameters: found };
    after = rows.at(-1)?.name;
  }
}

function openName(ctx: ServiceContext, token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const name = ctx.openToken(token);
  if (typeof name !== 'string') throw invalidToken();
  return name;
}
