import type { Build } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { BuildChange, BuildFacts } from '../model/build-draft.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { MANAGED_PREFIX } from '../model/managed.ts';
import { buildKey } from '../reconcilers/names.ts';
import { BUILD, INPUTS, RUN } from './documents.ts';
import { type BuildRow, type Owner, type Slot, tables } from './tables.ts';

export interface StoredBuild extends BuildFacts {
  tokenDigest: string | null;
}

const buildsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_build')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

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
