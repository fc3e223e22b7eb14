import type { Tx } from '../../../db/database.ts';
import { statement } from '../../../db/statement.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Bucket, Settings, Versioning } from '../model/bucket.ts';
import { type Tables, tables } from './tables.ts';

/** @returns false when the name is taken. */
export async function insertBucket(tx: Tx, bucket: Bucket): Promise<boolean> {
  const result = await tables(tx)
    .insertInto('s3_bucket')
    .values({
      name: bucket.name,
      account_id: bucket.accountId,
      region: bucket.region,
      created_at: bucket.createdAt.getTime(),
      versioning: bucket.versioning,
      settings: encodeJson(bucket.settings),
    })
    .onConflict((c) => c.column('name').doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows) > 0;
}

const byName = statement<{ name: string }, Tables['s3_bucket']>((tx, parameter) =>
  tables(tx).selectFrom('s3_bucket').selectAll().where('name', '=', parameter('name')),
);

export async function findBucket(tx: Tx, name: string): Promise<Bucket | undefined> {
  const [row] = await byName(tx, { name });
  return row && bucketOf(row);
}

export async function updateBucket(tx: Tx, bucket: Bucket): Promise<void> {
  await tables(tx)
    .updateTable('s3_bucket')
    .set({ versioning: bucket.versioning, settings: encodeJson(bucket.settings) })
    .where('name', '=', bucket.name)
    .execute();
}

export async function deleteBucketRow(tx: Tx, name: string): Promise<void> {
  await tables(tx).deleteFrom('s3_bucket').where('name', '=', name).execute();
}

export interface BucketFilter {
  accountId: string;
  prefix: string;
  region?: string | undefined;
  /** Exclusive. */
  after: string;
  limit?: number | undefined;
}

/** By name. */
export async function listBucketRows(tx: Tx, filter: BucketFilter): Promise<Bucket[]> {
  let query = tables(tx)
    .selectFrom('s3_bucket')
    .selectAll()
    .where('account_id', '=', filter.accountId)
    .where('name', '>', filter.after);
  if (filter.region !== undefined) query = query.where('region', '=', filter.region);
  const rows = await query.orderBy('name').execute();
  const found = rows.filter((row) => row.name.startsWith(filter.prefix)).map(bucketOf);
  return filter.limit === undefined ? found : found.slice(0, filter.limit);
}

function bucketOf(row: Tables['s3_bucket']): Bucket {
  return {
    name: row.name,
    accountId: row.account_id,
    region: row.region,
    createdAt: new Date(row.created_at),
    versioning: row.versioning as Versioning,
    settings: decodeJson<Settings>(row.settings),
  };
}
