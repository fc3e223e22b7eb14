import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Owner } from './tables.ts';

/** In a blob: `custom`, files, those of a pull request of a repository `custom:…:…`; `source:…`, what was cloned of the repository that the rest tells. */
export type ArchiveKind = 'custom' | `custom:${string}` | `source:${string}`;
/** `layers`: what the Docker Engine of privileged builds keeps, in a volume. */
export type LocalKind = ArchiveKind | 'layers';

type LocalTables = {
  codebuild_local_cache: {
    account_id: string;
    region: string;
    /** Of the blob, or the volume. */
    id: string;
    project_name: string;
    kind: LocalKind;
    /** Of which project, since when and until which InvalidateProjectCache. */
    scope: string;
    /** The build that has the volume, or had it last. */
    holder: string | null;
    size: number;
    used_at: number;
    /** JSON of what opens the blob; sealed. */
    body: string;
  };
};

/** What a server keeps for the builds of a project. */
export interface LocalCache extends Owner {
  id: string;
  projectName: string;
  kind: LocalKind;
  scope: string;
  holder: string | undefined;
  size: number;
  usedAt: number;
  /** Base64. */
  key: string;
}

const on = (db: Db | Tx) => db.withTables<LocalTables>();

export async function insertLocalCache(tx: Tx, cache: LocalCache): Promise<boolean> {
  const { accountId, region, id, projectName, kind, scope, holder, size, usedAt, key } = cache;
  const result = await on(tx)
    .insertInto('codebuild_local_cache')
    .values({
      ...{ account_id: accountId, region, id, project_name: projectName, kind, scope, size },
      ...{ holder: holder ?? null, used_at: usedAt, body: encodeJson({ key }) },
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'id']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The newest of that kind. */
export async function findLocalCache(
  db: Db | Tx,
  scope: string,
  kind: LocalKind,
): Promise<LocalCache | undefined> {
  const row = await on(db)
    .selectFrom('codebuild_local_cache')
    .selectAll()
    .where('scope', '=', scope)
    .where('kind', '=', kind)
    .orderBy('used_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && cacheOf(row);
}

/** All of them, those that were used last first. */
export async function allLocalCaches(db: Db | Tx): Promise<LocalCache[]> {
  const rows = await on(db)
    .selectFrom('codebuild_local_cache')
    .selectAll()
    .orderBy('used_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(cacheOf);
}

export async function hasLocalCaches(db: Db | Tx): Promise<boolean> {
  const row = await on(db).selectFrom('codebuild_local_cache').select('id').executeTakeFirst();
  return row !== undefined;
}

/** It has been used. */
export async function noteUse(tx: Tx, { accountId, region, id }: LocalCache, at: Date) {
  await on(tx)
    .updateTable('codebuild_local_cache')
    .set({ used_at: at.getTime() })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}

/** Gives a volume to a build. @returns false when another has taken it meanwhile */
export async function hold(tx: Tx, cache: LocalCache, holder: string, at: Date): Promise<boolean> {
  const { accountId, region, id } = cache;
  const result = await on(tx)
    .updateTable('codebuild_local_cache')
    .set({ holder, used_at: at.getTime() })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .where('holder', cache.holder === undefined ? 'is' : '=', cache.holder ?? null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteLocalCache(
  tx: Tx,
  { accountId, region, id }: Owner & { id: string },
): Promise<void> {
  await on(tx)
    .deleteFrom('codebuild_local_cache')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}

const cacheOf = (row: LocalTables['codebuild_local_cache']): LocalCache => ({
  ...{ accountId: row.account_id, region: row.region, id: row.id, projectName: row.project_name },
  ...{ kind: row.kind, scope: row.scope, holder: row.holder ?? undefined },
  ...{ size: Number(row.size), usedAt: Number(row.used_at) },
  key: decodeJson<{ key: string }>(row.body).key,
});
