import type { Build, Project } from '@aws-sdk/client-codebuild';
import { behind } from '../../db/behind.ts';
import type { Db, Tx } from '../../db/database.ts';
import { decodeJson, encodeJson } from '../../lib/json.ts';
import { BUILD, INPUTS, RUN } from './documents.ts';
import type { BuildChange, BuildFacts } from './model/build-draft.ts';
import type { BuildInputs } from './model/build-record.ts';
import { MANAGED_PREFIX } from './model/managed.ts';
import { buildKey } from './reconcilers/names.ts';
import { type BuildRow, type Owner, type ProjectRow, type Slot, tables } from './tables.ts';

export interface StoredProject extends Owner {
  project: Project;
  policy?: string;
  lastBuildNumber: number;
}

export interface StoredBuild extends BuildFacts {
  tokenDigest: string | null;
}

export type Sorted = { by: 'name' | 'created_at' | 'modified_at'; order: 'asc' | 'desc' };

const projectsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_project')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

const buildsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_build')
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

/** The next number of builds that have no project. */
export async function nextBuildNumber(tx: Tx, owner: Owner, name: string): Promise<number> {
  const row = await buildsOf(tx, owner)
    .select((e) => e.fn.max<number | string | null>('build_number').as('last'))
    .where('project_name', '=', name)
    .executeTakeFirstOrThrow();
  return Number(row.last ?? 0) + 1;
}

export async function insertBuild(
  tx: Tx,
  owner: Owner,
  build: Build,
  inputs: BuildInputs,
  token: { token: string; digest: string } | undefined,
): Promise<void> {
  await tables(tx)
    .insertInto('codebuild_build')
    .values({
      account_id: owner.accountId,
      region: owner.region,
      id: build.id ?? '',
      project_name: build.projectName ?? '',
      build_number: build.buildNumber ?? 0,
      started_at: build.startTime?.getTime() ?? 0,
      slot: 'queued',
      stop_requested: 0,
      token: token?.token ?? null,
      token_digest: token?.digest ?? null,
      log_offset: 0,
      log_sending: 0,
      report_offset: 0,
      body: BUILD.encode(build),
      inputs: INPUTS.encode(inputs),
      run: RUN.encode({}),
      secrets: '',
    })
    .execute();
}

export async function updateBuild(
  tx: Tx,
  owner: Owner,
  id: string,
  change: BuildChange,
): Promise<void> {
  const { build, run, slot, secrets, logOffset, logSending, reportOffset, stopRequested } = change;
  const set: Partial<BuildRow> = {
    ...(build && { body: BUILD.encode(build) }),
    ...(run && { run: RUN.encode(run) }),
    ...(slot && { slot }),
    ...(secrets !== undefined && { secrets }),
    ...(logOffset !== undefined && { log_offset: logOffset }),
    ...(logSending !== undefined && { log_sending: logSending }),
    ...(reportOffset !== undefined && { report_offset: reportOffset }),
    ...(stopRequested !== undefined && { stop_requested: stopRequested ? 1 : 0 }),
  };
  await tables(tx)
    .updateTable('codebuild_build')
    .set(set)
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}

export async function findBuild(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<StoredBuild | undefined> {
  const row = await buildsOf(db, owner).selectAll().where('id', '=', id).executeTakeFirst();
  return row && storedBuild(row);
}

export async function findBuildByToken(
  db: Db | Tx,
  owner: Owner,
  token: string,
): Promise<StoredBuild | undefined> {
  const row = await buildsOf(db, owner).selectAll().where('token', '=', token).executeTakeFirst();
  return row && storedBuild(row);
}

export async function findBuilds(db: Db, owner: Owner, ids: string[]): Promise<Build[]> {
  if (ids.length === 0) return [];
  const rows = await buildsOf(db, owner).select('body').where('id', 'in', ids).execute();
  return rows.map((row) => BUILD.decode(row.body));
}

/** A build in a list, by what the lists are in order of. */
export type ListedBuild = Pick<BuildRow, 'id' | 'started_at' | 'build_number'>;

/** At most `limit` builds in order of their start, or of one project in order of their number, from behind `after` on. */
export async function listBuilds(
  db: Db,
  owner: Owner,
  {
    project,
    order,
    after,
    limit,
  }: {
    project?: string;
    order: 'asc' | 'desc';
    after: readonly [number, string] | undefined;
    limit: number;
  },
): Promise<ListedBuild[]> {
  const by = project ? 'build_number' : 'started_at';
  let query = buildsOf(db, owner).select(['id', 'started_at', 'build_number']);
  if (project) query = query.where('project_name', '=', project);
  else query = query.where('project_name', 'not like', `${MANAGED_PREFIX}%`);
  return query
    .where(behind([by, 'id'], order, after))
    .orderBy(by, order)
    .orderBy('id', order)
    .limit(limit)
    .execute();
}

export async function deleteBuild(tx: Tx, owner: Owner, id: string): Promise<void> {
  await tables(tx)
    .deleteFrom('codebuild_build')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}

/** How many builds of the server have a slot, or of one project that are not over. */
export async function countRunning(db: Db | Tx): Promise<number> {
  const row = await tables(db)
    .selectFrom('codebuild_build')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('slot', '=', 'running')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Running builds of an account in a region on one compute type. */
export async function countRunningOn(
  db: Db | Tx,
  owner: Owner,
  computeType: string | undefined,
): Promise<number> {
  const rows = await buildsOf(db, owner).select('inputs').where('slot', '=', 'running').execute();
  return rows.filter(({ inputs }) => INPUTS.decode(inputs).environment.computeType === computeType)
    .length;
}

export async function countProjects(db: Db | Tx, owner: Owner): Promise<number> {
  const row = await projectsOf(db, owner)
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function countActiveOfProject(
  db: Db | Tx,
  owner: Owner,
  project: string,
): Promise<number> {
  const row = await buildsOf(db, owner)
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('project_name', '=', project)
    .where('slot', '!=', 'done')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Keys of the builds in these slots, oldest first. */
export async function keysInSlots(db: Db | Tx, slots: Slot[], limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codebuild_build')
    .select(['account_id', 'region', 'id'])
    .where('slot', 'in', slots)
    .orderBy('started_at')
    .limit(limit)
    .execute();
  return rows.map((row) => buildKey({ accountId: row.account_id, region: row.region }, row.id));
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

function storedBuild(row: BuildRow): StoredBuild {
  return {
    accountId: row.account_id,
    region: row.region,
    id: row.id,
    slot: row.slot,
    stopRequested: row.stop_requested === 1,
    logOffset: row.log_offset,
    logSending: row.log_sending,
    reportOffset: row.report_offset,
    tokenDigest: row.token_digest,
    build: BUILD.decode(row.body),
    inputs: INPUTS.decode(row.inputs),
    run: RUN.decode(row.run),
    secrets: row.secrets,
  };
}
