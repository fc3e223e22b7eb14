import type { Tx } from '../../../db/database.ts';
import { tables } from './tables.ts';

/** Ids of blobs that are rows begin so; files' ids do not. */
const PREFIX = 'row-';

export const smallBodyId = (random: string) => PREFIX + random;

/** Is the blob of this id a row, not a file? */
export const isSmallBody = (blobId: string) => blobId.startsWith(PREFIX);

export async function insertSmallBody(tx: Tx, blobId: string, sealed: Buffer): Promise<void> {
  await tables(tx).insertInto('s3_small_body').values({ blob_id: blobId, sealed }).execute();
}

export async function findSmallBody(tx: Tx, blobId: string): Promise<Uint8Array | undefined> {
  const row = await tables(tx)
    .selectFrom('s3_small_body')
    .select('sealed')
    .where('blob_id', '=', blobId)
    .executeTakeFirst();
  return row?.sealed;
}

export async function deleteSmallBodies(tx: Tx, blobIds: string[]): Promise<void> {
  if (blobIds.length === 0) return;
  await tables(tx).deleteFrom('s3_small_body').where('blob_id', 'in', blobIds).execute();
}
