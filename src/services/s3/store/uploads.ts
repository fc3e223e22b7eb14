import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { toColumn } from '../model/names.ts';
import type { Upload } from '../model/object.ts';
import { later, tables } from './tables.ts';

export async function insertUpload(tx: Tx, upload: Upload): Promise<void> {
  await tables(tx)
    .insertInto('s3_upload')
    .values({
      upload_id: upload.uploadId,
      bucket: upload.bucket,
      key_hex: toColumn(upload.key),
      initiated_at: upload.initiatedAt.getTime(),
      upload: encodeJson(upload),
    })
    .execute();
}

export async function findUpload(
  tx: Tx,
  bucket: string,
  key: string,
  uploadId: string,
): Promise<Upload | undefined> {
  const row = await tables(tx)
    .selectFrom('s3_upload')
    .select('upload')
    .where('upload_id', '=', uploadId)
    .where('bucket', '=', bucket)
    .where('key_hex', '=', toColumn(key))
    .executeTakeFirst();
  return row && decodeJson<Upload>(row.upload);
}

export async function deleteUpload(tx: Tx, uploadId: string): Promise<void> {
  await tables(tx).deleteFrom('s3_upload').where('upload_id', '=', uploadId).execute();
}

/** By key and upload id, with keys from `from` (inclusive) to `to` (exclusive), behind the given place. */
export async function scanUploads(
  tx: Tx,
  bucket: string,
  scan: {
    from: string;
    to: string | undefined;
    after: { keyHex: string; uploadId: string };
    limit: number;
  },
): Promise<Upload[]> {
  const { keyHex, uploadId } = scan.after;
  let query = tables(tx)
    .selectFrom('s3_upload')
    .select('upload')
    .where('bucket', '=', bucket)
    .where('key_hex', '>=', later(scan.from, keyHex))
    .where((e) => e.or([e('key_hex', '>', keyHex), e('upload_id', '>', uploadId)]));
  if (scan.to !== undefined) query = query.where('key_hex', '<', scan.to);
  const rows = await query.orderBy('key_hex').orderBy('upload_id').limit(scan.limit).execute();
  return rows.map((row) => decodeJson<Upload>(row.upload));
}

export async function uploadIds(tx: Tx, bucket: string): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('s3_upload')
    .select('upload_id')
    .where('bucket', '=', bucket)
    .execute();
  return rows.map((row) => row.upload_id);
}
