import { sql } from '../../../db/kysely.ts';

/** LIKE ignores case on one of the databases, so: the first characters. */
export const startsWith = (column: string, prefix: string) =>
  sql<boolean>`substr(${sql.ref(column)}, 1, ${sql.lit([...prefix].length)}) = ${prefix}`;
