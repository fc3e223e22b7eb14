/** What tells one item of a list from another, and orders them: a name, a number, or a date with a name behind it. */
export type Key = string | number | readonly (string | number)[];

/** What makes tokens out of keys: the context of a call. */
export interface Tokens {
  sealToken(state: unknown): string;
  /** The state, or undefined for a token that this operation did not give. */
  openToken(token: string): unknown;
}

/** What the caller asked for. */
export interface Asked {
  token: string | undefined;
  /** Items a page. */
  limit: number;
  /** The operation's own error for a token that is none. */
  refuse: () => Error;
  /** What the list is of: a token of another list of the operation is none. */
  of?: string;
}

export interface Page<T> {
  items: T[];
  /** Absent on the last page. */
  nextToken?: string;
}

/**
 * One page of a list. The token holds the key of the last item that was shown, not how many were: what is deleted or
 * added between two pages makes no other item come twice or never.
 * @param loadAfter at most `count` items in order of their keys, from the first behind `key` on, which need not exist
 * @param keyOf a key that no two items share, and that is never undefined
 * @throws what `asked.refuse` makes
 */
export async function page<T, K extends Key = string>(
  tokens: Tokens,
  asked: Asked,
  loadAfter: (key: K | undefined, count: number) => Promise<T[]>,
  keyOf: (item: T) => K,
): Promise<Page<T>> {
  const after = open<K>(tokens, asked);
  // One more than the page holds tells whether there is another page.
  return cut(tokens, asked, await loadAfter(after, asked.limit + 1), keyOf);
}

/** The same of a list that is in memory as a whole, in any order. @throws what `asked.refuse` makes */
export function pageOfList<T, K extends Key = string>(
  tokens: Tokens,
  asked: Asked,
  list: T[],
  keyOf: (item: T) => K,
  order: 'ascending' | 'descending' = 'ascending',
): Page<T> {
  const after = open<K>(tokens, asked);
  const sign = order === 'ascending' ? 1 : -1;
  const rest = list
    .filter((item) => after === undefined || sign * compare(keyOf(item), after) > 0)
    .sort((a, b) => sign * compare(keyOf(a), keyOf(b)));
  return cut(tokens, asked, rest, keyOf);
}

function open<K>(tokens: Tokens, { token, refuse, of }: Asked): K | undefined {
  if (token === undefined) return undefined;
  const state = tokens.openToken(token);
  if (of === undefined && state !== undefined) return state as K;
  const bound = state as { of?: unknown; key?: K } | null | undefined;
  if (bound?.of !== of || bound?.key === undefined) throw refuse();
  return bound.key;
}

function cut<T>(
  tokens: Tokens,
  { limit, of }: Asked,
  found: T[],
  keyOf: (item: T) => Key,
): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  const key = keyOf(last);
  return { items, nextToken: tokens.sealToken(of === undefined ? key : { of, key }) };
}

const partsOf = (key: Key) => (typeof key === 'object' ? key : [key]);

function compare(a: Key, b: Key): number {
  const others = partsOf(b);
  for (const [index, part] of partsOf(a).entries()) {
    const other = others[index];
    if (other === undefined || part > other) return 1;
    if (part < other) return -1;
  }
  return 0;
}
