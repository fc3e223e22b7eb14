import { behind } from '../../../db/behind.ts';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Lock } from '../model/lfs.ts';
import { on } from './repositories.ts';
import type { CodeCommitTables } from './tables.ts';

/** SQL about what Git LFS keeps: objects, which are blobs, and locks. */

export interface LfsObject {
  repositoryId: string;
  oid: string;
  size: number;
  blobId: string;
  /** With which the blob is encrypted: sealed by the repository's own key. */
  sealedKey?: Uint8Array;
  /** In rows of an earlier version it was not sealed by itself; the row is, as all content in the database. */
  plainKey?: Uint8Array;
}

function objectOf(row: CodeCommitTables['codecommit_lfs_object']): LfsObject {
  const { sealed, key } = decodeJson<{ sealed?: string; key?: string }>(row.data);
  return {
    ...{ repositoryId: row.repository_id, oid: row.oid, size: Number(row.size) },
    blobId: row.blob_id,
    ...(sealed !== undefined && { sealedKey: Buffer.from(sealed, 'base64') }),
    ...(key !== undefined && { plainKey: Buffer.from(key, 'base64') }),
  };
}

export async function findObject(
  tx: Tx,
  repositoryId: string,
  oid: string,
): Promise<LfsObject | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_lfs_object')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('oid', '=', oid)
    .executeTakeFirst();
  return row && objectOf(row);
}

/** Sizes of those objects that a repository has. */
export async function findSizes(
  tx: Tx,
  repositoryId: string,
  oids: readonly string[],
): Promise<Map<string, number>> {
  if (oids.length === 0) return new Map();
  const rows = await on(tx)
    .selectFrom('codecommit_lfs_object')
    .select(['oid', 'size'])
    .where('repository_id', '=', repositoryId)
    .where('oid', 'in', oids)
    .execute();
  return new Map(rows.map((row) => [row.oid, Number(row.size)]));
}

/** @returns false where the repository has it already, or has gone */
export async function insertObject(
  tx: Tx,
  object: LfsObject & { sealedKey: Uint8Array },
  now: Date,
): Promise<boolean> {
  const { repositoryId, oid } = object;
  const repository = await on(tx)
    .selectFrom('codecommit_repository')
    .select('repository_id')
    .where('repository_id', '=', repositoryId)
    .executeTakeFirst();
  if (!repository || (await findObject(tx, repositoryId, oid))) return false;
  await on(tx)
    .insertInto('codecommit_lfs_object')
    .values({
      ...{ repository_id: repositoryId, oid, size: object.size, blob_id: object.blobId },
      created: now.getTime(),
      data: encodeJson({ sealed: Buffer.from(object.sealedKey).toString('base64') }),
      pointed: null,
    })
    .execute();
  return true;
}

/** Some objects of a repository. */
export async function someObjects(
  tx: Tx,
  repositoryId: string,
  limit: number,
): Promise<{ oid: string; blobId: string }[]> {
  const rows = await on(tx)
    .selectFrom('codecommit_lfs_object')
    .select(['oid', 'blob_id'])
    .where('repository_id', '=', repositoryId)
    .orderBy('oid')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ oid: row.oid, blobId: row.blob_id }));
}

export async function deleteObjects(
  tx: Tx,
  repositoryId: string,
  oids: readonly string[],
): Promise<void> {
  await on(tx)
    .deleteFrom('codecommit_lfs_object')
    .where('repository_id', '=', repositoryId)
    .where('oid', 'in', oids)
    .execute();
}

/** An object that no commit has been seen to point to. */
const unpointed = (tx: Tx, repositoryId: string) =>
  on(tx)
    .selectFrom('codecommit_lfs_object')
    .where('repository_id', '=', repositoryId)
    .where('pointed', 'is', null);

/** When the oldest object was asked for that no commit has been seen to point to. */
export async function oldestUnpointed(tx: Tx, repositoryId: string): Promise<Date | undefined> {
  const row = await unpointed(tx, repositoryId)
    .select('created')
    .orderBy('created')
    .limit(1)
    .executeTakeFirst();
  return row && new Date(Number(row.created));
}

/** Objects that no commit has been seen to point to, of those that nobody has asked to upload since. */
export async function unpointedBefore(
  tx: Tx,
  { repositoryId, before, limit }: { repositoryId: string; before: Date; limit: number },
): Promise<{ oid: string; blobId: string }[]> {
  const rows = await unpointed(tx, repositoryId)
    .select(['oid', 'blob_id'])
    .where('created', '<', before.getTime())
    .orderBy('oid')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ oid: row.oid, blobId: row.blob_id }));
}

/** That commits point to objects is noted for good: no commit of a repository goes. */
export const notePointed = (tx: Tx, repositoryId: string, oids: readonly string[], now: Date) =>
  changeUnpointed(tx, repositoryId, oids, { pointed: now.getTime() });

/** Somebody is about to push pointers to objects that are there: they are as young as new ones. */
export const askedAgain = (tx: Tx, repositoryId: string, oids: readonly string[], now: Date) =>
  changeUnpointed(tx, repositoryId, oids, { created: now.getTime() });

async function changeUnpointed(
  tx: Tx,
  repositoryId: string,
  oids: readonly string[],
  set: { pointed: number } | { created: number },
): Promise<void> {
  if (oids.length === 0) return;
  await on(tx)
    .updateTable('codecommit_lfs_object')
    .set(set)
    .where('repository_id', '=', repositoryId)
    .where('pointed', 'is', null)
    .where('oid', 'in', oids)
    .execute();
}

/** Those of some blobs that belong to no object. */
export async function unnamedBlobs(tx: Tx, blobIds: readonly string[]): Promise<string[]> {
  if (blobIds.length === 0) return [];
  const rows = await on(tx)
    .selectFrom('codecommit_lfs_object')
    .select('blob_id')
    .where('blob_id', 'in', blobIds)
    .execute();
  const named = new Set(rows.map((row) => row.blob_id));
  return blobIds.filter((id) => !named.has(id));
}

const lockOf = (row: CodeCommitTables['codecommit_lfs_lock']): Lock => ({
  ...{ lockId: row.lock_id, path: row.path, ownerArn: row.owner_arn },
  ...(row.owner_id !== null && { ownerId: row.owner_id }),
  locked: new Date(Number(row.locked)),
});

/** Locks of a repository, in order of path. */
export async function listLocks(
  tx: Tx,
  query: {
    repositoryId: string;
    path?: string | undefined;
    lockId?: string | undefined;
    /** The path of the last one of the page before. */
    after?: string | undefined;
    limit: number;
  },
): Promise<Lock[]> {
  let rows = on(tx)
    .selectFrom('codecommit_lfs_lock')
    .selectAll()
    .where('repository_id', '=', query.repositoryId)
    .where(behind(['path'], 'asc', query.after === undefined ? undefined : [query.after]));
  if (query.path !== undefined) rows = rows.where('path', '=', query.path);
  if (query.lockId !== undefined) rows = rows.where('lock_id', '=', query.lockId);
  return (await rows.orderBy('path').limit(query.limit).execute()).map(lockOf);
}

export async function countLocks(tx: Tx, repositoryId: string): Promise<number> {
  const { count } = await on(tx)
    .selectFrom('codecommit_lfs_lock')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('repository_id', '=', repositoryId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertLock(tx: Tx, repositoryId: string, lock: Lock): Promise<void> {
  await on(tx)
    .insertInto('codecommit_lfs_lock')
    .values({
      ...{ repository_id: repositoryId, lock_id: lock.lockId, path: lock.path },
      ...{ owner_arn: lock.ownerArn, owner_id: lock.ownerId ?? null },
      locked: lock.locked.getTime(),
    })
    .execute();
}

export async function deleteLock(tx: Tx, repositoryId: string, lockId: string): Promise<void> {
  await on(tx)
    .deleteFrom('codecommit_lfs_lock')
    .where('repository_id', '=', repositoryId)
    .where('lock_id', '=', lockId)
    .execute();
}
