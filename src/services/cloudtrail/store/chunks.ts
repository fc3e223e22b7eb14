import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { Attribute } from '../model/event.ts';
import { tables } from './tables.ts';

/** Whose history it is. */
export interface Owner {
  accountId: string;
  region: string;
}

/** Where a chunk stands: what is known of it without opening it. */
export interface ChunkFacts {
  id: string;
  /** Of its events, epoch milliseconds. */
  firstAt: number;
  lastAt: number;
}

export interface Chunk extends ChunkFacts {
  length: number;
  body: string;
  /** What its events are found by. */
  attributes: [Attribute, string][];
}

/** Rows a statement: SQLite takes 32,766 values. */
const AT_ONCE = 1000;

export async function insertChunk(
  tx: Tx,
  { accountId: account_id, region }: Owner,
  { id, firstAt, lastAt, length, body, attributes }: Chunk,
): Promise<void> {
  await tables(tx)
    .insertInto('cloudtrail_chunk')
    .values({ account_id, region, id, first_at: firstAt, last_at: lastAt, length, body })
    .execute();
  const rows = attributes.map(([name, value]) => ({
    ...{ account_id, region, name, value },
    chunk_id: id,
  }));
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await tables(tx)
      .insertInto('cloudtrail_attribute')
      .values(rows.slice(from, from + AT_ONCE))
      .execute();
}

/** What a lookup wants of chunks. */
export interface Wanted {
  /** Epoch milliseconds, both included. */
  from: number;
  to: number;
  attribute?: [Attribute, string] | undefined;
}

/** Chunks in which such events may be, those with the latest events first, from behind `after` on. */
export async function listChunks(
  db: Db | Tx,
  owner: Owner,
  { from, to, attribute }: Wanted,
  after: ChunkFacts | undefined,
  limit: number,
): Promise<ChunkFacts[]> {
  let query = chunksOf(db, owner)
    .select(['id', 'first_at', 'last_at'])
    .where('last_at', '>=', from)
    .where('first_at', '<=', to)
    .where(behind(['last_at', 'id'], 'desc', after && [after.lastAt, after.id]));
  if (attribute) {
    const [name, value] = attribute;
    query = query.where('id', 'in', (e) =>
      e
        .selectFrom('cloudtrail_attribute')
        .select('chunk_id')
        .where('account_id', '=', owner.accountId)
        .where('region', '=', owner.region)
        .where('name', '=', name)
        .where('value', '=', value),
    );
  }
  const rows = await query.orderBy('last_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ id, first_at: firstAt, last_at: lastAt }) => ({ id, firstAt, lastAt }));
}

/** The events of a chunk, packed; undefined where it is gone. */
export async function chunkBody(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<string | undefined> {
  const row = await chunksOf(db, owner).select('body').where('id', '=', id).executeTakeFirst();
  return row?.body;
}

/** Are there chunks whose events are all from before `time`? */
export async function hasOlder(db: Db | Tx, time: number): Promise<boolean> {
  const row = await tables(db)
    .selectFrom('cloudtrail_chunk')
    .select('id')
    .where('last_at', '<', time)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Deletes some chunks whose events are all from before `time`. @returns how many */
export async function deleteOlder(tx: Tx, time: number, limit: number): Promise<number> {
  const old = await tables(tx)
    .selectFrom('cloudtrail_chunk')
    .select(['account_id', 'region', 'id'])
    .where('last_at', '<', time)
    .orderBy('last_at')
    .limit(limit)
    .execute();
  for (const { account_id: accountId, region, id } of old)
    await deleteChunks(tx, { accountId, region }, [id]);
  return old.length;
}

/** Their attributes go with them. */
export async function deleteChunks(
  tx: Tx,
  { accountId, region }: Owner,
  ids: string[],
): Promise<void> {
  await tables(tx)
    .deleteFrom('cloudtrail_chunk')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', 'in', ids)
    .execute();
}

/** Chunks that are to be merged are old and short. */
export interface Mergeable {
  before: number;
  shorterThan: number;
}

/** Owners of more than `most` such chunks. */
export async function ownersToMerge(
  db: Db | Tx,
  { before, shorterThan }: Mergeable,
  most: number,
): Promise<Owner[]> {
  const rows = await tables(db)
    .selectFrom('cloudtrail_chunk')
    .select(['account_id', 'region'])
    .where('last_at', '<', before)
    .where('length', '<', shorterThan)
    .groupBy(['account_id', 'region'])
    .having((e) => e.fn.countAll(), '>', most)
    .execute();
  return rows.map(({ account_id: accountId, region }) => ({ accountId, region }));
}

/** The oldest of such chunks. */
export async function chunksToMerge(
  db: Db | Tx,
  owner: Owner,
  { before, shorterThan }: Mergeable,
  limit: number,
): Promise<{ id: string; length: number; body: string }[]> {
  return chunksOf(db, owner)
    .select(['id', 'length', 'body'])
    .where('last_at', '<', before)
    .where('length', '<', shorterThan)
    .orderBy('last_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

function chunksOf(db: Db | Tx, { accountId, region }: Owner) {
  return tables(db)
    .selectFrom('cloudtrail_chunk')
    .where('account_id', '=', accountId)
    .where('region', '=', region);
}
