import type { ServiceContext } from '../../service.ts';
import { invalidToken } from '../errors.ts';

/** One page of a sorted list, and the NextToken if there are more. */
export function paginate<T>(
  ctx: ServiceContext,
  items: T[],
  keyOf: (item: T) => string,
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  defaultLimit: number,
): { items: T[]; next: { NextToken?: string } } {
  const start = input.NextToken === undefined ? 0 : afterKey(ctx, items, keyOf, input.NextToken);
  const page = items.slice(start, start + (input.MaxResults ?? defaultLimit));
  const last = page.at(-1);
  const more = last !== undefined && start + page.length < items.length;
  return { items: page, next: more ? { NextToken: ctx.sealToken(keyOf(last)) } : {} };
}

function afterKey<T>(
  ctx: ServiceContext,
  items: T[],
  keyOf: (item: T) => string,
  token: string,
): number {
  const key = ctx.openToken(token);
  if (typeof key !== 'string') throw invalidToken();
  return items.findIndex((item) => keyOf(item) === key) + 1;
}
