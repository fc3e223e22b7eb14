import { type Key, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidToken } from '../errors.ts';
import { DEFAULT_PAGE } from '../limits.ts';

interface Paged {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** The page of a list that MaxResults and NextToken ask for. @throws InvalidNextTokenException */
export function paginate<T>(
  ctx: ServiceContext,
  { NextToken, MaxResults: limit = DEFAULT_PAGE }: Paged,
  items: T[],
  keyOf: (item: T) => Key,
): { items: T[]; next: { NextToken?: string } } {
  // The model allows no dash in a token: it stands as a plus, which no token of ours has.
  const token = NextToken?.replaceAll('+', '-');
  const asked = { token, limit, refuse: invalidToken };
  const page = pageOfList<T, Key>(ctx, asked, items, keyOf);
  const next = page.nextToken ? { NextToken: page.nextToken.replaceAll('-', '+') } : {};
  return { items: page.items, next };
}

interface Filter {
  Name: string;
  Value: string;
}

/**
 * Those that pass all filters; of several with one name, any. Words are compared as they are, but for names of
 * services and types, which AWS's own examples write in either case.
 */
export function filtered<T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  valuesOf: (item: T) => Record<string, readonly (string | undefined)[]>,
): T[] {
  const wanted = Map.groupBy(filters ?? [], ({ Name }) => Name);
  return items.filter((item) => {
    const its = new Map(Object.entries(valuesOf(item)));
    return [...wanted].every(([name, some]) =>
      some.some(({ Value }) => its.get(name)?.includes(Value)),
    );
  });
}
