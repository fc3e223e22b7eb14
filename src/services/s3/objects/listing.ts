import { invalidArgument } from '../errors.ts';
import { behind, toColumn } from '../model/names.ts';

/** One entry of a list with a delimiter: an item, or the prefix that many items share. */
export type Entry<T> = { item: T } | { commonPrefix: string };

export interface Grouped<T> {
  entries: Entry<T>[];
  truncated: boolean;
}

export interface Grouping<T> {
  prefix: string;
  delimiter: string | undefined;
  limit: number;
  keyOf(item: T): string;
  /** Items in order, behind `after` (or from the start of the list), at most `limit`. */
  fetch(after: After<T> | undefined, limit: number): Promise<T[]>;
}

/** Behind an item; or at the first key that is not below this column value. */
export type After<T> = { item: T } | { from: string };

/** With a delimiter many rows make one entry: what is read at a time before jumping over them. */
const READ_AHEAD = 200;

/**
 * Lists up to `limit` entries. Rows below a common prefix are not walked: once it is found, the list goes on
 * behind it, so that a bucket of a million keys in ten folders takes ten small reads.
 */
export async function listGrouped<T>(grouping: Grouping<T>, start?: After<T>): Promise<Grouped<T>> {
  const { limit, delimiter, keyOf, fetch } = grouping;
  const entries: Entry<T>[] = [];
  let after = start;
  const batch = delimiter ? Math.min(READ_AHEAD, limit + 1) : limit + 1;
  for (;;) {
    const items = await fetch(after, batch);
    let skipTo: string | undefined;
    for (const item of items) {
      const key = keyOf(item);
      if (skipTo !== undefined && toColumn(key) < skipTo) continue;
      if (entries.length === limit) return { entries, truncated: true };
      const commonPrefix = commonPrefixOf(key, grouping.prefix, delimiter);
      entries.push(commonPrefix === undefined ? { item } : { commonPrefix });
      skipTo = commonPrefix === undefined ? undefined : behind(commonPrefix);
      after = skipTo === undefined ? { item } : { from: skipTo };
    }
    if (items.length < batch) return { entries, truncated: false };
  }
}

/** `photos/2006/` for the key `photos/2006/a.jpg`, the prefix `photos/` and the delimiter `/`. */
export function commonPrefixOf(
  key: string,
  prefix: string,
  delimiter: string | undefined,
): string | undefined {
  if (!delimiter) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The column values between which the keys with this prefix lie. */
export function boundsOf(prefix: string): { from: string; to: string | undefined } {
  return { from: toColumn(prefix), to: prefix === '' ? undefined : behind(prefix) };
}

/**
 * `encoding-type=url`: all but unreserved characters and slashes are percent-encoded.
 * @throws AwsError InvalidArgument for another way
 */
export function encoder(encodingType: string | undefined): (text: string) => string {
  if (!encodingType) return (text) => text;
  if (encodingType !== 'url') {
    const message = 'Invalid Encoding Method specified in Request';
    throw invalidArgument(message, 'encoding-type', encodingType);
  }
  return (text) =>
    encodeURIComponent(text)
      .replaceAll('%2F', '/')
      .replace(/[!'()*]/g, percent);
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** For a marker: the last key or common prefix that was answered. */
export function lastName<T>(entries: Entry<T>[], keyOf: (item: T) => string): string {
  const last = entries.at(-1);
  if (!last) return '';
  return 'item' in last ? keyOf(last.item) : last.commonPrefix;
}
