import type { Tx } from '../../../db/database.ts';
import { statement } from '../../../db/statement.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { fromColumn, toColumn } from '../model/names.ts';
import type { Content, Version } from '../model/object.ts';
import { later, type Tables, tables } from './tables.ts';

type Row = Tables['s3_version'];

type OfKey = Pick<Row, 'bucket' | 'key_hex'>;

const byId = statement<OfKey & Pick<Row, 'version_id'>, Row>((tx, parameter) =>
  tables(tx)
    .selectFrom('s3_version')
    .selectAll()
    .where('bucket', '=', parameter('bucket'))
    .where('key_hex', '=', parameter('key_hex'))
    .where('version_id', '=', parameter('version_id')),
);

const newest = statement<OfKey, Row>((tx, parameter) =>
  tables(tx)
    .selectFrom('s3_version')
    .selectAll()
    .where('bucket', '=', parameter('bucket'))
    .where('key_hex', '=', parameter('key_hex'))
    .orderBy('sequence', 'desc')
    .limit(1),
);

/** By its primary key: by `is_latest` SQLite would walk through all current objects of the bucket. */
const demote = statement<OfKey, unknown>((tx, parameter) =>
  tables(tx)
    .updateTable('s3_version')
    .set({ is_latest: 0 })
    .where('bucket', '=', parameter('bucket'))
    .where('key_hex', '=', parameter('key_hex'))
    .where('version_id', '=', (e) =>
      e
        .selectFrom('s3_version as newest')
        .select('newest.version_id')
        .where('newest.bucket', '=', parameter('bucket'))
        .where('newest.key_hex', '=', parameter('key_hex'))
        .orderBy('newest.sequence', 'desc')
        .limit(1),
    ),
);

/** The current version of a key, which may be a delete marker; or the version with this id. */
export async function findVersion(
  tx: Tx,
  bucket: string,
  key: string,
  versionId?: string,
): Promise<Version | undefined> {
  if (versionId === undefined) return newestVersion(tx, bucket, key);
  const [row] = await byId(tx, { bucket, key_hex: toColumn(key), version_id: versionId });
  return row && versionOf(row);
}

/** The newest version of a key, which is its latest. */
export async function newestVersion(
  tx: Tx,
  bucket: string,
  key: string,
): Promise<Version | undefined> {
  const [row] = await newest(tx, { bucket, key_hex: toColumn(key) });
  return row && versionOf(row);
}

/** Stores a version, which is the latest from now on if it says so. */
export async function insertVersion(tx: Tx, version: Version): Promise<void> {
  const row = rowOf(version);
  if (version.isLatest) await demote(tx, row);
  await tables(tx).insertInto('s3_version').values(row).execute();
}

/** Changes what is kept of a version: its tags. */
export async function updateContent(tx: Tx, version: Version, content: Content): Promise<void> {
  await tables(tx)
    .updateTable('s3_version')
    .set({ content: encodeJson(content) })
    .where('bucket', '=', version.bucket)
    .where('key_hex', '=', toColumn(version.key))
    .where('version_id', '=', version.versionId)
    .execute();
}

/** Removes the row of a version; the next newest becomes the latest. Its segments are the caller's. */
export async function removeVersion(tx: Tx, version: Version): Promise<void> {
  const { bucket, key } = version;
  await tables(tx)
    .deleteFrom('s3_version')
    .where('bucket', '=', bucket)
    .where('key_hex', '=', toColumn(key))
    .where('version_id', '=', version.versionId)
    .execute();
  const next = version.isLatest ? await newestVersion(tx, bucket, key) : undefined;
  if (!next) return;
  await tables(tx)
    .updateTable('s3_version')
    .set({ is_latest: 1 })
    .where('bucket', '=', bucket)
    .where('key_hex', '=', toColumn(key))
    .where('version_id', '=', next.versionId)
    .execute();
}

export async function hasVersions(tx: Tx, bucket: string): Promise<boolean> {
  const row = await tables(tx)
    .selectFrom('s3_version')
    .select('version_id')
    .where('bucket', '=', bucket)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A place in the order of a list: behind `keyHex`, or among its versions behind the one with `sequence`. */
export interface Place {
  keyHex: string;
  sequence: number;
}

/** Current objects, or all versions, with keys from `from` (inclusive) to `to` (exclusive), by key and newest first. */
export async function scanVersions(
  tx: Tx,
  bucket: string,
  scan: { all: boolean; from: string; to: string | undefined; after: Place; limit: number },
): Promise<Version[]> {
  let query = tables(tx).selectFrom('s3_version').selectAll().where('bucket', '=', bucket);
  if (!scan.all) query = query.where('is_latest', '=', 1).where('is_delete_marker', '=', 0);
  const { keyHex, sequence } = scan.after;
  query = query.where('key_hex', '>=', later(scan.from, keyHex));
  if (scan.to !== undefined) query = query.where('key_hex', '<', scan.to);
  query = query.where((e) => e.or([e('key_hex', '>', keyHex), e('sequence', '<', sequence)]));
  const rows = await query
    .orderBy('key_hex')
    .orderBy('sequence', 'desc')
    .limit(scan.limit)
    .execute();
  return rows.map(versionOf);
}

function rowOf(version: Version): Row {
  const { content } = version;
  return {
    bucket: version.bucket,
    key_hex: toColumn(version.key),
    version_id: version.versionId,
    sequence: version.sequence,
    is_latest: version.isLatest ? 1 : 0,
    is_delete_marker: content ? 0 : 1,
    last_modified: version.lastModified.getTime(),
    size: content?.size ?? 0,
    etag: content?.etag ?? '',
    body_id: content?.bodyId ?? null,
    content: content ? encodeJson(content) : null,
  };
}

function versionOf(row: Row): Version {
  return {
    bucket: row.bucket,
    key: fromColumn(row.key_hex),
    versionId: row.version_id,
    sequence: row.sequence,
    isLatest: row.is_latest === 1,
    lastModified: new Date(row.last_modified),
    content: row.content === null ? undefined : decodeJson<Content>(row.content),
  };
}
