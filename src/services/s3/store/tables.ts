import type { Kysely } from 'kysely';
import type { Tx } from '../../../db/database.ts';

export type Tables = {
  s3_bucket: {
    name: string;
    account_id: string;
    region: string;
    created_at: number;
    versioning: string;
    settings: string;
  };
  s3_version: {
    bucket: string;
    key_hex: string;
    version_id: string;
    sequence: number;
    is_latest: number;
    is_delete_marker: number;
    last_modified: number;
    size: number;
    etag: string;
    body_id: string | null;
    content: string | null;
  };
  s3_upload: {
    upload_id: string;
    bucket: string;
    key_hex: string;
    initiated_at: number;
    upload: string;
  };
  s3_segment: {
    body_id: string;
    part_number: number;
    blob_id: string;
    size: number;
    etag: string;
    modified_at: number;
    checksum: string | null;
  };
  s3_notification: {
    id: string;
    destination: string;
    sequence: number;
    created_at: number;
    body: string;
  };
  s3_small_body: { blob_id: string; sealed: Uint8Array };
  s3_discarded_blob: { blob_id: string; discarded_at: number };
  s3_orphan_sweep: { id: string; swept_at: number };
};

export const tables = (tx: Tx): Kysely<Tables> => tx.withTables<Tables>();

/** The one of two column values that sorts last. */
export function later(a: string, b: string): string {
  return a < b ? b : a;
}
