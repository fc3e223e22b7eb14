import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { ResultField } from '../model/insights/columns.ts';
import { type Owner, type QueryRow, type QueryStatus, tables } from './tables.ts';

/** A group that a query looks at. */
export interface QueriedGroup extends Owner {
  id: string;
  name: string;
}

/** What StartQuery asked for; times in epoch milliseconds, both inclusive. */
export interface QueryRequest {
  text: string;
  groups: QueriedGroup[];
  start: number;
  end: number;
  limit: number;
  userIdentity: string;
}

export interface QueryStatistics {
  recordsMatched: number;
  recordsScanned: number;
  bytesScanned: number;
  logGroupsScanned: number;
}

/** Lines of results in one row. */
const PAGE_LINES = 500;

export async function insertQuery(tx: Tx, row: QueryRow): Promise<void> {
  await tables(tx).insertInto('logs_query').values(row).execute();
}

export async function findQuery(db: Db | Tx, id: string): Promise<QueryRow | undefined> {
  return tables(db).selectFrom('logs_query').selectAll().where('id', '=', id).executeTakeFirst();
}

export const requestOf = ({ body }: QueryRow): QueryRequest => decodeJson(body) as QueryRequest;

/** Ends a query that has not ended. @returns whether it had not */
export async function endQuery(
  tx: Tx,
  id: string,
  status: QueryStatus,
  at: number,
  found?: { statistics: QueryStatistics; results: ResultField[][] },
): Promise<boolean> {
  const result = await tables(tx)
    .updateTable('logs_query')
    .set({
      ...{ status, ended_at: at },
      ...(found && { statistics: encodeJson(found.statistics), lines: found.results.length }),
    })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  const lines = found?.results ?? [];
  for (let page = 0; page * PAGE_LINES < lines.length; page++) {
    const body = encodeJson(lines.slice(page * PAGE_LINES, (page + 1) * PAGE_LINES));
    await tables(tx).insertInto('logs_query_page').values({ query_id: id, page, body }).execute();
  }
  return true;
}

/** Lines of results from one on. */
export async function readResults(
  db: Db,
  id: string,
  from: number,
  count: number,
): Promise<ResultField[][]> {
  const first = Math.floor(from / PAGE_LINES);
  const pages = await tables(db)
    .selectFrom('logs_query_page')
    .select('body')
    .where('query_id', '=', id)
    .where('page', '>=', first)
    .where('page', '<', Math.ceil((from + count) / PAGE_LINES))
    .orderBy('page')
    .execute();
  const lines = pages.flatMap(({ body }) => decodeJson(body) as ResultField[][]);
  return lines.slice(from - first * PAGE_LINES, from - first * PAGE_LINES + count);
}

const queriesOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('logs_query')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** Queries that have not ended. */
export async function countRunning(tx: Tx, owner: Owner): Promise<number> {
  const { count } = await queriesOf(tx, owner)
    .where('ended_at', 'is', null)
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The newest first. @param behind the last of the page before */
export async function listQueries(
  db: Db,
  owner: Owner,
  status: QueryStatus | undefined,
  behind: readonly [createdAt: number, id: string] | undefined,
  count: number,
): Promise<QueryRow[]> {
  let select = queriesOf(db, owner).selectAll();
  if (status) select = select.where('status', '=', status);
  if (behind) {
    const [at, id] = behind;
    select = select.where((e) =>
      e.or([e('created_at', '<', at), e.and([e('created_at', '=', at), e('id', '<', id)])]),
    );
  }
  return select.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(count).execute();
}

/** Queries that should run, and those that were made before a time, in epoch milliseconds. */
export async function queriesToSee(db: Db, before: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('logs_query')
    .select('id')
    .where((e) => e.or([e('ended_at', 'is', null), e('created_at', '<', before)]))
    .execute();
  return rows.map(({ id }) => id);
}

export async function deleteQuery(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('logs_query_page').where('query_id', '=', id).execute();
  await tables(tx).deleteFrom('logs_query').where('id', '=', id).execute();
}
