import type { Operation } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import { invalidMarker } from '../errors.ts';
import type { Page } from '../store.ts';

/** One KMS operation, by the SDK's input and output. */
export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;

/** The page that Marker and Limit ask for. @throws InvalidMarkerException */
export function pageOf(
  ctx: ServiceContext,
  input: { Marker?: string; Limit?: number },
  limit: number,
): Page {
  if (input.Marker === undefined) return { after: '', limit: input.Limit ?? limit };
  const after = ctx.openToken(input.Marker);
  if (typeof after !== 'string') throw invalidMarker();
  return { after, limit: input.Limit ?? limit };
}

/** The members that say whether a list goes on. `found`: one more than the page holds, when there is more. */
export function cut<T>(ctx: ServiceContext, page: Page, found: T[], nameOf: (item: T) => string) {
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  if (found.length <= page.limit || last === undefined)
    return { items, more: { Truncated: false } };
  return { items, more: { Truncated: true, NextMarker: ctx.sealToken(nameOf(last)) } };
}
