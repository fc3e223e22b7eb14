import type { Project } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { lastBatchNumber } from './batches.ts';
import { nextBuildNumber } from './builds.ts';
import { type Owner, type ProjectRow, tables } from './tables.ts';

export interface StoredProject extends Owner {
  project: Project;
  policy?: string;
  lastBuildNumber: number;
  cacheVersion: number;
  /** In the address of its badge. */
  badgeToken?: string;
}

export type Sorted = { by: 'name' | 'created_at' | 'modified_at'; order: 'asc' | 'desc' };

const projectsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_project')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** @returns false when there is a project of that name. */
export async function insertProject(
  tx: Tx,
  owner: Owner,
  project: Project,
  badgeToken?: string,
): Promise<boolean> {
  const result = await tables(tx)
    .insertInto('codebuild_project')
    .values({
      ...projectRow(owner, project),
      // CB-J12: builds of one of that name before may still be there.
      last_build_number: (await nextBuildNumber(tx, owner, project.name ?? '')) - 1,
      last_batch_number: await lastBatchNumber(tx, owner, project.name ?? ''),
      cache_version: 0,
      badge_token: badgeToken ?? null,
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** @param badge its new token, or none; absent where the badge stays as it is */
export async function updateProject(
  tx: Tx,
  owner: Owner,
  project: Project,
  badge?: { token: string | undefined },
): Promise<void> {
  const { modified_at, body, name, public_alias } = projectRow(owner, project);
  await tables(tx)
    .updateTable('codebuild_project')
    .set({ modified_at, body, public_alias, ...(badge && { badge_token: badge.token ?? null }) })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}

export async function deleteProject(tx: Tx, owner: Owner, name: string): Promise<void> {
  await tables(tx)
    .deleteFrom('codebuild_project')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}

/** Projects by their names: those that there are. */
export async function findProjects(
  db: Db | Tx,
  owner: Owner,
  names: readonly string[],
): Promise<Map<string, StoredProject>> {
  const rows = await projectsOf(db, owner).selectAll().where('name', 'in', names).execute();
  return new Map(rows.map((row) => [row.name, storedProject(row)]));
}

const storedProject = (row: ProjectRow): StoredProject => ({
  accountId: row.account_id,
  region: row.region,
  project: decodeJson<Project>(row.body),
  ...(row.policy !== null && { policy: row.policy }),
  ...(row.badge_token !== null && { badgeToken: row.badge_token }),
  lastBuildNumber: row.last_build_number,
  cacheVersion: row.cache_version,
});

export async function findProject(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<StoredProject | undefined> {
  return (await findProjects(db, owner, [name])).get(name);
}

/** By a name that nobody guesses, over all accounts. */
export async function findProjectBy(
  db: Db,
  column: 'badge_token' | 'public_alias',
  value: string,
): Promise<StoredProject | undefined> {
  const row = await tables(db)
    .selectFrom('codebuild_project')
    .selectAll()
    .where(column, '=', value)
    .executeTakeFirst();
  return row && storedProject(row);
}

/** All of an account in a region. */
export async function everyProject(db: Db, owner: Owner): Promise<Project[]> {
  const rows = await projectsOf(db, owner).select('body').execute();
  return rows.map(({ body }) => decodeJson<Project>(body));
}

export type ListedProject = Pick<ProjectRow, 'name' | 'created_at' | 'modified_at'>;

/** At most `limit` projects in order, from behind `after` on. */
export async function listProjects(
  db: Db,
  owner: Owner,
  { by, order }: Sorted,
  after: ListedProject | undefined,
  limit: number,
): Promise<ListedProject[]> {
  return projectsOf(db, owner)
    .select(['name', 'created_at', 'modified_at'])
    .where(behind([by, 'name'], order, after && [after[by], after.name]))
    .orderBy(by, order)
    .orderBy('name', order)
    .limit(limit)
    .execute();
}

/** The next build finds no cache. */
export async function nextCacheVersion(tx: Tx, owner: Owner, name: string): Promise<void> {
  await tables(tx)
    .updateTable('codebuild_project')
    .set((e) => ({ cache_version: e('cache_version', '+', 1) }))
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}

/** Takes the next build number of a project. */
export const takeBuildNumber = (tx: Tx, owner: Owner, name: string): Promise<number> =>
  takeNumber(tx, owner, name, 'last_build_number');

/** Takes the next number of its batches. */
export const takeBatchNumber = (tx: Tx, owner: Owner, name: string): Promise<number> =>
  takeNumber(tx, owner, name, 'last_batch_number');

async function takeNumber(
  tx: Tx,
  owner: Owner,
  name: string,
  column: 'last_build_number' | 'last_batch_number' | 'cache_version',
): Promise<number> {
  const row = await tables(tx)
    .updateTable('codebuild_project')
    .set((e) => ({ [column]: e(column, '+', 1) }))
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .returning(column)
    .executeTakeFirstOrThrow();
  return row[column];
}

export async function countProjects(db: Db | Tx, owner: Owner): Promise<number> {
  const row = await projectsOf(db, owner)
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function projectRow(
  owner: Owner,
  project: Project,
): Omit<ProjectRow, 'last_build_number' | 'last_batch_number' | 'cache_version' | 'badge_token'> {
  return {
    account_id: owner.accountId,
    region: owner.region,
    name: project.name ?? '',
    created_at: project.created?.getTime() ?? 0,
    modified_at: project.lastModified?.getTime() ?? 0,
    body: encodeJson(project),
    policy: null,
    public_alias: project.publicProjectAlias ?? null,
  };
}
