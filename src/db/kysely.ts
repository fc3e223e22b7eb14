import { createRequire } from 'node:module';
import type { Kysely as AnyKysely, ValuesNode as AnyValuesNode } from 'kysely';

// Kysely is 262 modules, and Node takes a third less time for them as CommonJS: at each start, so all of src has it from here.
const kysely: typeof import('kysely') = createRequire(import.meta.url)('kysely');

export const { createQueryId, Kysely, Migrator, PostgresAdapter, PostgresDialect } = kysely;
export const { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, ValuesNode, sql } = kysely;
export type Kysely<DB> = AnyKysely<DB>;
export type ValuesNode = AnyValuesNode;
