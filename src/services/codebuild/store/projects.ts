import type { Project } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type Owner, type ProjectRow, tables } from './tables.ts';

export interface StoredProject extends Owner {
  project: Project;
  policy?: string;
  lastBuildNumber: number;
}

export type Sorted = { by: 'name' | 'created_at' | 'modified_at'; order: 'asc' | 'desc' };

const projectsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_project')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** @returns false when there is a project of that name. */
export async function insertProject(tx: Tx, owner: Owner, project: Project): Promise<boolean> {
  const result = await tables(tx)
    .insertInto('codebuild_project')
    .values({ ...projectRow(owner, project), last_build_number: 0 })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function updateProject(tx: Tx, owner: Owner, project: Project): Promise<void> {
  const { modified_at, body, name } = projectRow(owner, project);
  await tables(tx)
    .updateTable('codebuild_project')
    .set({ modified_at, body })
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
  lastBuildNumber: row.last_build_number,
});

export async function findProject(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<StoredProject | undefined> {
  return (await findProjects(db, owner, [name])).get(name);
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

/** Takes the next build number of a project. */
export async function takeBuildNumber(tx: Tx, owner: Owner, name: string): Promise<number> {
  const row = await tables(tx)
    .updateTable('codebuild_project')
    .set((e) => ({ last_build_number: e('last_build_number', '+', 1) }))
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .returning('last_build_number')
    .executeTakeFirstOrThrow();
  return row.last_build_number;
}

export async function countProjects(db: Db | Tx, owner: Owner): Promise<number> {
  const row = await projectsOf(db, owner)
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function projectRow(owner: Owner, project: Project): Omit<ProjectRow, 'last_build_number'> {
  return {
    account_id: owner.accountId,
    region: owner.region,
    name: project.name ?? '',
    created_at: project.created?.getTime() ?? 0,
    modified_at: project.lastModified?.getTime() ?? 0,
    body: encodeJson(project),
    policy: null,
  };
}
