import type { ProjectSource } from '@aws-sdk/client-codebuild';
import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { CommitStatus } from '../../../kit/forges/statuses.ts';
import { type Owner, tables } from './tables.ts';

/** A status that a forge is to be told, and by whom. */
export interface WantedStatus extends Owner {
  project: string;
  serviceRole: string;
  source: Pick<ProjectSource, 'type' | 'location' | 'auth'>;
  status: CommitStatus;
}

export interface StoredStatus {
  wanted: WantedStatus;
  version: number;
  attempts: number;
}

const STATUS = defineDocument<WantedStatus>();

/** In place of what was to be told under that id before. */
export async function putStatus(tx: Tx, id: string, wanted: WantedStatus): Promise<void> {
  const body = STATUS.encode(wanted);
  await tables(tx)
    .insertInto('codebuild_commit_status')
    .values({ id, version: 1, attempts: 0, body })
    .onConflict((c) =>
      c.column('id').doUpdateSet((e) => ({
        version: e('codebuild_commit_status.version', '+', 1),
        attempts: 0,
        body,
      })),
    )
    .execute();
}

export async function findStatus(db: Db | Tx, id: string): Promise<StoredStatus | undefined> {
  const row = await tables(db)
    .selectFrom('codebuild_commit_status')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { wanted: STATUS.decode(row.body), version: row.version, attempts: row.attempts };
}

/** @returns false where it is another one by now */
export async function deleteStatus(tx: Tx, id: string, version: number): Promise<boolean> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('codebuild_commit_status')
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function noteAttempt(tx: Tx, id: string, version: number): Promise<void> {
  await tables(tx)
    .updateTable('codebuild_commit_status')
    .set((e) => ({ attempts: e('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('version', '=', version)
    .execute();
}

export async function statusIds(db: Db | Tx, limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codebuild_commit_status')
    .select('id')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
