import type { Filter } from '@aws-sdk/client-ec2';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type { Tags } from '../../../kit/tags.ts';
import { combination, invalidToken, invalidValue, malformed, notFound } from '../errors.ts';
import { PAGE } from '../limits.ts';
import { type Facts, passes, UnknownFilter } from '../model/filters.ts';
import { prefixOf } from '../model/ids.ts';

interface Listed<T> {
  /** `i`, `sg`: of the ids that a call may name. */
  prefix: string;
  idOf(item: T): string;
  factsOf(item: T): Facts;
  tagsOf(item: T): Tags;
}

interface Asked {
  ids?: readonly string[] | undefined;
  Filters?: readonly Filter[] | undefined;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** What a Describe call shows of a list: those that it names, that pass its filters, a page of them. */
export function described<T>(
  ctx: ServiceContext,
  kind: Listed<NoInfer<T>>,
  all: T[],
  { ids = [], Filters, MaxResults, NextToken }: Asked,
): { items: T[]; NextToken?: string } {
  const bad = ids.find((id) => prefixOf(id) !== kind.prefix);
  if (bad !== undefined) throw malformed(kind.prefix, bad);
  const known = new Set(all.map((item) => kind.idOf(item)));
  const absent = ids.filter((id) => !known.has(id));
  if (absent.length > 0) throw notFound(kind.prefix, absent);
  if (ids.length > 0 && MaxResults !== undefined)
    throw combination('The parameter MaxResults cannot be used with ids in the same call.');
  const named = ids.length > 0 ? all.filter((item) => ids.includes(kind.idOf(item))) : all;
  const chosen = filtered(Filters, named, kind);
  const asked = { token: NextToken || undefined, limit: MaxResults ?? PAGE, refuse: invalidToken };
  const { items, nextToken } = pageOfList(ctx, asked, chosen, kind.idOf);
  return { items, ...(nextToken !== undefined && { NextToken: nextToken }) };
}

/** A name that the list has no filter of is an error also where the list is empty. */
function filtered<T>(filters: Asked['Filters'], items: T[], kind: Listed<T>): T[] {
  try {
    return items.filter((item) => passes(filters, kind.factsOf(item), kind.tagsOf(item)));
  } catch (error) {
    if (error instanceof UnknownFilter)
      throw invalidValue(`The filter '${error.filter}' is invalid`);
    throw error;
  }
}

export const tagList = (tags: Tags) => [...tags].map(([Key, Value]) => ({ Key, Value }));
