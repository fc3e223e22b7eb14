import type { BuildBatch } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { BatchChange } from '../model/batch/draft.ts';
import { shownBatch } from '../model/batch/groups.ts';
import type { BatchFacts } from '../model/batch/record.ts';
import { buildKey } from '../reconcilers/names.ts';
import { BATCH, BATCH_INPUTS, BATCH_RUN } from './documents.ts';
import { type BatchRow, type Owner, tables } from './tables.ts';

export interface StoredBatch extends BatchFacts {
  tokenDigest: string | null;
}

const batchesOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_batch')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function insertBatch(
  tx: Tx,
  facts: Pick<BatchFacts, 'accountId' | 'region' | 'batch' | 'inputs' | 'run'>,
  token: { token: string; digest: string } | undefined,
): Promise<void> {
  const { batch, inputs, run } = facts;
  await tables(tx)
    .insertInto('codebuild_batch')
    .values({
      account_id: facts.accountId,
      region: facts.region,
      id: batch.id ?? '',
      project_name: batch.projectName ?? '',
      batch_number: batch.buildBatchNumber ?? 0,
      started_at: batch.startTime?.getTime() ?? 0,
      status: batch.buildBatchStatus ?? '',
      slot: 'running',
      stop_requested: 0,
      token: token?.token ?? null,
      token_digest: token?.digest ?? null,
      body: BATCH.encode(batch),
      inputs: BATCH_INPUTS.encode(inputs),
      run: BATCH_RUN.encode(run),
    })
    .execute();
}

export async function updateBatch(
  tx: Tx,
  owner: Owner,
  id: string,
  { batch, run, slot, stopRequested }: BatchChange,
): Promise<void> {
  const set: Partial<BatchRow> = {
    ...(batch && { body: BATCH.encode(batch), status: batch.buildBatchStatus ?? '' }),
    ...(run && { run: BATCH_RUN.encode(run) }),
    ...(slot && { slot }),
    ...(stopRequested !== undefined && { stop_requested: stopRequested ? 1 : 0 }),
  };
  await tables(tx)
    .updateTable('codebuild_batch')
    .set(set)
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}

export async function findBatch(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<StoredBatch | undefined> {
  const row = await batchesOf(db, owner).selectAll().where('id', '=', id).executeTakeFirst();
  return row && storedBatch(row);
}

export async function findBatchByToken(
  db: Db | Tx,
  owner: Owner,
  token: string,
): Promise<StoredBatch | undefined> {
  const row = await batchesOf(db, owner).selectAll().where('token', '=', token).executeTakeFirst();
  return row && storedBatch(row);
}

/** As they are shown. */
export async function findBatches(db: Db, owner: Owner, ids: string[]): Promise<BuildBatch[]> {
  if (ids.length === 0) return [];
  const rows = await batchesOf(db, owner).select(['body', 'run']).where('id', 'in', ids).execute();
  return rows.map(({ body, run }) =>
    shownBatch({ batch: BATCH.decode(body), run: BATCH_RUN.decode(run) }),
  );
}

/** The highest number of those that there are; 0 where there are none. */
export async function lastBatchNumber(tx: Tx, owner: Owner, project: string): Promise<number> {
  const row = await batchesOf(tx, owner)
    .select((e) => e.fn.max<number | string | null>('batch_number').as('last'))
    .where('project_name', '=', project)
    .executeTakeFirstOrThrow();
  return Number(row.last ?? 0);
}

/** A batch in a list, by what the lists are in order of. */
export type ListedBatch = Pick<BatchRow, 'id' | 'started_at' | 'batch_number'>;

/** At most `limit` batches in order of their start, or of one project in order of their number, from behind `after` on. */
export async function listBatches(
  db: Db,
  owner: Owner,
  wanted: {
    project?: string;
    status: string | undefined;
    order: 'asc' | 'desc';
    after: readonly [number, string] | undefined;
    limit: number;
  },
): Promise<ListedBatch[]> {
  const { project, status, order, after, limit } = wanted;
  const by = project ? 'batch_number' : 'started_at';
  let query = batchesOf(db, owner).select(['id', 'started_at', 'batch_number']);
  if (project) query = query.where('project_name', '=', project);
  if (status) query = query.where('status', '=', status);
  return query
    .where(behind([by, 'id'], order, after))
    .orderBy(by, order)
    .orderBy('id', order)
    .limit(limit)
    .execute();
}

export async function deleteBatch(tx: Tx, owner: Owner, id: string): Promise<void> {
  await tables(tx)
    .deleteFrom('codebuild_batch')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}

/** Keys of the batches that are not over, oldest first. */
export async function liveBatches(db: Db | Tx, limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codebuild_batch')
    .select(['account_id', 'region', 'id'])
    .where('slot', '=', 'running')
    .orderBy('started_at')
    .limit(limit)
    .execute();
  return rows.map((row) => buildKey({ accountId: row.account_id, region: row.region }, row.id));
}

function storedBatch(row: BatchRow): StoredBatch {
  return {
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    slot: row.slot,
    stopRequested: row.stop_requested === 1,
    tokenDigest: row.token_digest,
    batch: BATCH.decode(row.body),
    inputs: BATCH_INPUTS.decode(row.inputs),
    run: BATCH_RUN.decode(row.run),
  };
}
