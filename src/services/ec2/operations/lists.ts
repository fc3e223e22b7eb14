import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type { Tags } from '../../../kit/tags.ts';
import { combination, invalidToken, invalidValue, malformed, notFound } from '../errors.ts';
import { MAX_FILTER_VALUES, MAX_FILTERS, MAX_IDS, PAGE } from '../limits.ts';
import { type Facts, filtersOf, UnknownFilter } from '../model/filters.ts';
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

/** How many items a page has. */
export function limitOf(MaxResults: number | undefined): number {
  if (MaxResults === undefined) return PAGE;
  if (MaxResults < 1 || MaxResults > PAGE)
    throw invalidValue(
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between 1 and ${PAGE}.`,
    );
  return MaxResults;
}

/** What a Describe call shows of a list: those that it names, that pass its filters, a page of them. */
export function described<T>(
  ctx: ServiceContext,
  kind: Listed<NoInfer<T>>,
  all: T[],
  { ids = [], Filters, MaxResults, NextToken }: Asked,
): { items: T[]; NextToken?: string } {
  const limit = limitOf(MaxResults);
  if (ids.length > MAX_IDS)
    throw invalidValue(`No more than ${MAX_IDS} ids are named by one call.`);
  const bad = ids.find((id) => prefixOf(id) !== kind.prefix);
  if (bad !== undefined) throw malformed(kind.prefix, bad);
  const known = new Set(all.map((item) => kind.idOf(item)));
  const absent = ids.filter((id) => !known.has(id));
  if (absent.length > 0) throw notFound(kind.prefix, absent);
  if (ids.length > 0 && MaxResults !== undefined)
    throw combination('The parameter MaxResults cannot be used with ids in the same call.');
  const wanted = new Set(ids);
  const named = ids.length > 0 ? all.filter((item) => wanted.has(kind.idOf(item))) : all;
  const chosen = filtered(Filters, named, kind);
  const asked = { token: NextToken || undefined, limit, refuse: invalidToken };
  const { items, nextToken } = pageOfList(ctx, asked, chosen, kind.idOf);
  return { items, ...(nextToken !== undefined && { NextToken: nextToken }) };
}

/** @throws for a name that the list has no filter of, where it has anything at all, and for more than a call may say */
export function filtered<T>(
  filters: Asked['Filters'],
  items: T[],
  { factsOf, tagsOf }: Pick<Listed<T>, 'factsOf'> & Partial<Pick<Listed<T>, 'tagsOf'>>,
): T[] {
  const passes = filtersOf(filters);
  if (!passes)
    throw new AwsError(
      'FilterLimitExceeded',
      `No more than ${MAX_FILTERS} filters with ${MAX_FILTER_VALUES} values in all may be specified on a single call.`,
    );
  try {
    return items.filter((item) => passes(factsOf(item), tagsOf?.(item)));
  } catch (error) {
    if (error instanceof UnknownFilter)
      throw invalidValue(`The filter '${error.filter}' is invalid`);
    throw error;
  }
}

export const tagList = (tags: Tags) => [...tags].map(([Key, Value]) => ({ Key, Value }));
