import type { Tx } from '../../../db/database.ts';
import { statement } from '../../../db/statement.ts';
import type { Segment } from '../model/object.ts';
import { insertSmallBody } from './small-bodies.ts';
import { type Tables, tables } from './tables.ts';

const insert = statement<Tables['s3_segment'], unknown>((tx, parameter) =>
  tables(tx)
    .insertInto('s3_segment')
    .values({
      body_id: parameter('body_id'),
      part_number: parameter('part_number'),
      blob_id: parameter('blob_id'),
      size: parameter('size'),
      etag: parameter('etag'),
      modified_at: parameter('modified_at'),
      checksum: parameter('checksum'),
    }),
);

/** @param sealed the segment's blob, where that is a row */
export async function insertSegment(tx: Tx, segment: Segment, sealed?: Buffer): Promise<void> {
  if (sealed) await insertSmallBody(tx, segment.blobId, sealed);
  await insert(tx, {
    body_id: segment.bodyId,
    part_number: segment.partNumber,
    blob_id: segment.blobId,
    size: segment.size,
    etag: segment.etag,
    modified_at: segment.modifiedAt.getTime(),
    checksum: segment.checksum ?? null,
  });
}

/** In the order of their numbers. */
export async function listSegments(
  tx: Tx,
  bodyId: string,
  page: { after: number; limit?: number } = { after: 0 },
): Promise<Segment[]> {
  let query = tables(tx)
    .selectFrom('s3_segment')
    .selectAll()
    .where('body_id', '=', bodyId)
    .where('part_number', '>', page.after)
    .orderBy('part_number');
  if (page.limit !== undefined) query = query.limit(page.limit);
  return (await query.execute()).map(segmentOf);
}

/** Takes segments away, all of a body or those with these numbers; their blobs go when readers have finished. */
export async function discardSegments(
  tx: Tx,
  bodyId: string,
  now: Date,
  partNumbers?: number[],
): Promise<void> {
  const found = await listSegments(tx, bodyId);
  const gone = partNumbers ? found.filter((s) => partNumbers.includes(s.partNumber)) : found;
  for (let at = 0; at < gone.length; at += BATCH) {
    const batch = gone.slice(at, at + BATCH);
    await tables(tx)
      .insertInto('s3_discarded_blob')
      .values(batch.map((s) => ({ blob_id: s.blobId, discarded_at: now.getTime() })))
      .execute();
    await tables(tx)
      .deleteFrom('s3_segment')
      .where('body_id', '=', bodyId)
      .where(
        'part_number',
        'in',
        batch.map((s) => s.partNumber),
      )
      .execute();
  }
}

/** Rows a statement: databases limit the number of values. */
const BATCH = 500;

/** Blobs that were discarded before `before`. */
export async function discardedBlobs(tx: Tx, before: Date, limit: number): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('s3_discarded_blob')
    .select('blob_id')
    .where('discarded_at', '<=', before.getTime())
    .orderBy('discarded_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.blob_id);
}

export async function forgetDiscarded(tx: Tx, blobIds: string[]): Promise<void> {
  await tables(tx).deleteFrom('s3_discarded_blob').where('blob_id', 'in', blobIds).execute();
}

/** Those of these blobs that neither an object, a part nor the list of discarded blobs names. */
export async function unnamedBlobs(tx: Tx, blobIds: string[]): Promise<string[]> {
  if (blobIds.length === 0) return [];
  const named = await tables(tx)
    .selectFrom('s3_segment')
    .select('blob_id')
    .where('blob_id', 'in', blobIds)
    .execute();
  const discarded = await tables(tx)
    .selectFrom('s3_discarded_blob')
    .select('blob_id')
    .where('blob_id', 'in', blobIds)
    .execute();
  const known = new Set([...named, ...discarded].map((row) => row.blob_id));
  return blobIds.filter((id) => !known.has(id));
}

export async function lastOrphanSweep(tx: Tx): Promise<Date | undefined> {
  const row = await tables(tx).selectFrom('s3_orphan_sweep').select('swept_at').executeTakeFirst();
  return row && new Date(row.swept_at);
}

export async function noteOrphanSweep(tx: Tx, at: Date): Promise<void> {
  await tables(tx)
    .insertInto('s3_orphan_sweep')
    .values({ id: 'blobs', swept_at: at.getTime() })
    .onConflict((c) => c.column('id').doUpdateSet({ swept_at: at.getTime() }))
    .execute();
}

function segmentOf(row: Tables['s3_segment']): Segment {
  return {
    bodyId: row.body_id,
    partNumber: row.part_number,
    blobId: row.blob_id,
    size: row.size,
    etag: row.etag,
    modifiedAt: new Date(row.modified_at),
    checksum: row.checksum ?? undefined,
  };
}
