import type { Db, Tx } from '../../../db/database.ts';
import { sql } from '../../../db/kysely.ts';
import { startsWith } from './prefix.ts';
import { type Owner, type StreamRow, tables } from './tables.ts';

const streamsOf = (db: Db | Tx, { accountId, region }: Owner, groupName: string) =>
  tables(db)
    .selectFrom('logs_stream')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('group_name', '=', groupName);

export async function findStream(
  db: Db | Tx,
  owner: Owner,
  groupName: string,
  name: string,
): Promise<StreamRow | undefined> {
  return streamsOf(db, owner, groupName).selectAll().where('name', '=', name).executeTakeFirst();
}

/** @returns false when there is a stream of that name. */
export async function insertStream(tx: Tx, row: StreamRow): Promise<boolean> {
  const result = await tables(tx)
    .insertInto('logs_stream')
    .values(row)
    .onConflict((c) => c.columns(['account_id', 'region', 'group_name', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function deleteStream(tx: Tx, stream: StreamRow): Promise<void> {
  await tables(tx).deleteFrom('logs_stream').where('id', '=', stream.id).execute();
}

export async function updateStream(tx: Tx, id: string, change: Partial<StreamRow>): Promise<void> {
  await tables(tx).updateTable('logs_stream').set(change).where('id', '=', id).execute();
}

export interface StreamQuery {
  prefix?: string;
  names?: string[];
  orderBy: 'LogStreamName' | 'LastEventTime';
  descending: boolean;
  /** The last stream of the page before. */
  after?: readonly [lastEventAt: number, name: string] | undefined;
  limit: number;
}

export async function listStreams(
  db: Db,
  owner: Owner,
  groupName: string,
  query: StreamQuery,
): Promise<StreamRow[]> {
  const { prefix, names, after } = query;
  const direction = query.descending ? 'desc' : 'asc';
  const beyond = query.descending ? '<' : '>';
  const lastEvent = sql<number>`coalesce(last_event_at, 0)`;
  let select = streamsOf(db, owner, groupName).selectAll();
  if (prefix) select = select.where(startsWith('name', prefix));
  if (names) select = select.where('name', 'in', names);
  if (query.orderBy === 'LogStreamName') {
    if (after) select = select.where('name', beyond, after[1]);
    return select.orderBy('name', direction).limit(query.limit).execute();
  }
  if (after) {
    select = select.where((e) =>
      e.or([
        e(lastEvent, beyond, after[0]),
        e.and([e(lastEvent, '=', after[0]), e('name', beyond, after[1])]),
      ]),
    );
  }
  return select
    .orderBy(lastEvent, direction)
    .orderBy('name', direction)
    .limit(query.limit)
    .execute();
}

/** Names by stream id. */
export async function namesOfStreams(db: Db, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tables(db)
    .selectFrom('logs_stream')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}
