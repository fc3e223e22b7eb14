import type { RawBuilder } from 'kysely';
import { sql } from './kysely.ts';

/**
 * True of the rows that come after `key` in the order of these columns, all of them ascending or all descending:
 * where a page of a list begins. True of all rows when there is no key.
 */
export function behind(
  columns: readonly string[],
  order: 'asc' | 'desc',
  key: readonly (string | number)[] | undefined,
): RawBuilder<boolean> {
  if (!key) return sql<boolean>`1 = 1`;
  const row = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join([...key]);
  return order === 'asc'
    ? sql<boolean>`(${row}) > (${values})`
    : sql<boolean>`(${row}) < (${values})`;
}
