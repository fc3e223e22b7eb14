import type { Principal } from '../../../aws/principal.ts';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { on } from './repositories.ts';
import type { CodeCommitTables } from './tables.ts';

/** SQL about commits on their way to S3. */

export interface UploadTarget {
  repositoryId: string;
  commitId: string;
  s3Bucket: string;
  s3Key: string;
}

export interface UploadRecord extends UploadTarget {
  uploadId: string;
  accountId: string;
  region: string;
  kmsKeyId: string | undefined;
  principal: Principal;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  errorCode: string | undefined;
  errorMessage: string | undefined;
  s3VersionId: string | undefined;
  s3ETag: string | undefined;
  /** When it was begun, for the last time: epoch milliseconds. */
  created: number;
}

function uploadRecord(row: CodeCommitTables['codecommit_upload']): UploadRecord {
  return {
    uploadId: row.upload_id,
    repositoryId: row.repository_id,
    accountId: row.account_id,
    region: row.region,
    commitId: row.commit_id,
    s3Bucket: row.s3_bucket,
    s3Key: row.s3_key,
    kmsKeyId: row.kms_key_id ?? undefined,
    principal: decodeJson(row.principal),
    status: row.status as UploadRecord['status'],
    errorCode: row.error_code ?? undefined,
    errorMessage: row.error_message ?? undefined,
    s3VersionId: row.s3_version_id ?? undefined,
    s3ETag: row.s3_etag ?? undefined,
    created: Number(row.created),
  };
}

export async function findUpload(tx: Tx, uploadId: string): Promise<UploadRecord | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_upload')
    .selectAll()
    .where('upload_id', '=', uploadId)
    .executeTakeFirst();
  return row && uploadRecord(row);
}

export async function findUploadTo(
  tx: Tx,
  target: UploadTarget,
): Promise<UploadRecord | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_upload')
    .selectAll()
    .where('repository_id', '=', target.repositoryId)
    .where('commit_id', '=', target.commitId)
    .where('s3_bucket', '=', target.s3Bucket)
    .where('s3_key', '=', target.s3Key)
    .executeTakeFirst();
  return row && uploadRecord(row);
}

export interface NewUpload extends UploadTarget {
  uploadId: string;
  accountId: string;
  region: string;
  kmsKeyId: string | undefined;
  principal: Principal;
  now: Date;
}

export async function insertUpload(tx: Tx, upload: NewUpload): Promise<void> {
  await on(tx)
    .insertInto('codecommit_upload')
    .values({
      upload_id: upload.uploadId,
      repository_id: upload.repositoryId,
      account_id: upload.accountId,
      region: upload.region,
      commit_id: upload.commitId,
      s3_bucket: upload.s3Bucket,
      s3_key: upload.s3Key,
      kms_key_id: upload.kmsKeyId ?? null,
      principal: encodeJson(upload.principal),
      status: 'InProgress',
      error_code: null,
      error_message: null,
      s3_version_id: null,
      s3_etag: null,
      created: upload.now.getTime(),
    })
    .execute();
}

/** Begins a failed upload again, for whoever asks now. */
export async function restartUpload(
  tx: Tx,
  uploadId: string,
  again: { principal: Principal; kmsKeyId: string | undefined; now: Date },
): Promise<void> {
  await on(tx)
    .updateTable('codecommit_upload')
    .set({
      status: 'InProgress',
      principal: encodeJson(again.principal),
      kms_key_id: again.kmsKeyId ?? null,
      error_code: null,
      error_message: null,
      created: again.now.getTime(),
    })
    .where('upload_id', '=', uploadId)
    .execute();
}

export type UploadResult =
  | { status: 'Succeeded'; s3VersionId: string | undefined; s3ETag: string | undefined }
  | { status: 'Failed'; errorCode: string; errorMessage: string };

/** An upload that has ended stays as it is. */
export async function endUpload(tx: Tx, uploadId: string, result: UploadResult): Promise<void> {
  const failed = result.status === 'Failed';
  await on(tx)
    .updateTable('codecommit_upload')
    .set({
      status: result.status,
      error_code: failed ? result.errorCode : null,
      error_message: failed ? result.errorMessage : null,
      s3_version_id: failed ? null : (result.s3VersionId ?? null),
      s3_etag: failed ? null : (result.s3ETag ?? null),
    })
    .where('upload_id', '=', uploadId)
    .where('status', '=', 'InProgress')
    .execute();
}
