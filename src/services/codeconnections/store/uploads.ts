import type { Principal } from '../../../aws/principal.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type CodeConnectionsTables, tables } from './tables.ts';

/** A commit on its way to S3. */
export interface Upload {
  id: string;
  connectionArn: string;
  s3Bucket: string;
  s3Key: string;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** When it was begun, for the last time: epoch milliseconds. */
  created: number;
  fullRepositoryId: string;
  branchName: string;
  /** Known once it has been looked for: then it stays, whatever the branch does. */
  commitId?: string;
  kmsKeyId?: string;
  /** A reference to the commit, which a build clones, in place of its files. */
  isReference?: true;
  /** Who asked, and in which Region. */
  principal: Principal;
  region: string;
  error?: { code: string; message: string };
  commitMessage?: string;
  authorDate?: string;
  committerDate?: string;
}

type Body = Omit<Upload, 'id' | 'connectionArn' | 's3Bucket' | 's3Key' | 'status' | 'created'>;

const uploadOf = (row: CodeConnectionsTables['codeconnections_upload']): Upload => ({
  ...{ id: row.id, connectionArn: row.connection_arn, s3Bucket: row.s3_bucket, s3Key: row.s3_key },
  ...{ status: row.status as Upload['status'], created: Number(row.created) },
  ...decodeJson<Body>(row.body),
});

const all = (db: Db | Tx) => tables(db).selectFrom('codeconnections_upload').selectAll();

export async function findUpload(db: Db | Tx, id: string): Promise<Upload | undefined> {
  const row = await all(db).where('id', '=', id).executeTakeFirst();
  return row && uploadOf(row);
}

export async function findUploadTo(
  db: Db | Tx,
  to: Pick<Upload, 'connectionArn' | 's3Bucket' | 's3Key'>,
): Promise<Upload | undefined> {
  const row = await all(db)
    .where('connection_arn', '=', to.connectionArn)
    .where('s3_bucket', '=', to.s3Bucket)
    .where('s3_key', '=', to.s3Key)
    .executeTakeFirst();
  return row && uploadOf(row);
}

export async function saveUpload(
  tx: Tx,
  { id, connectionArn, s3Bucket, s3Key, status, created, ...its }: Upload,
): Promise<void> {
  const values = { status, created, body: encodeJson(its) };
  await tables(tx)
    .insertInto('codeconnections_upload')
    .values({ id, connection_arn: connectionArn, s3_bucket: s3Bucket, s3_key: s3Key, ...values })
    .onConflict((c) => c.column('id').doUpdateSet(values))
    .execute();
}

export async function listUploadsInProgress(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codeconnections_upload')
    .select('id')
    .where('status', '=', 'InProgress')
    .execute();
  return rows.map(({ id }) => id);
}

/** Nobody asks any more about those that ended before. @param before epoch ms */
export async function deleteEndedUploads(tx: Tx, before: number): Promise<void> {
  await tables(tx)
    .deleteFrom('codeconnections_upload')
    .where('status', '!=', 'InProgress')
    .where('created', '<', before)
    .execute();
}
