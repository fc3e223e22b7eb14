import type { Tx } from '../../../db/database.ts';
import { statement } from '../../../db/statement.ts';
import { type Tables, tables } from './tables.ts';

/** Ids of blobs that are rows begin so; files' ids do not. */
const PREFIX = 'row-';

export const smallBodyId = (random: string) => PREFIX + random;

/** Is the blob of this id a row, not a file? */
export const isSmallBody = (blobId: string) => blobId.startsWith(PREFIX);

const insert = statement<Tables['s3_small_body'], unknown>((tx, parameter) =>
  tables(tx)
    .insertInto('s3_small_body')
    .values({ blob_id: parameter('blob_id'), sealed: parameter('sealed') }),
);

export async function insertSmallBody(tx: Tx, blobId: string, sealed: Buffer): Promise<void> {
  await insert(tx, { blob_id: blobId, sealed });
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
