import type { Build } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { sourceName } from '../model/badge.ts';
import type { BuildChange, BuildFacts } from '../model/build-draft.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { MANAGED_PREFIX } from '../model/managed.ts';
import { SANDBOX_PREFIX } from '../model/sandbox.ts';
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
      project_name: `${inputs.sandbox ? SANDBOX_PREFIX : ''}${build.projectName ?? ''}`,
      build_number: build.buildNumber ?? 0,
      started_at: build.startTime?.getTime() ?? 0,
      source_version: inputs.batch ? null : sourceName(inputs.sourceVersion),
      slot: 'queued',
      fleet_arn: inputs.fleet?.arn ?? null,
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
    ...('fleetArn' in change && { fleet_arn: change.fleetArn ?? null }),
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

/** The build with this UUID, while it has a slot. */
export async function findRunningBuild(
  db: Db | Tx,
  owner: Owner,
  uuid: string,
): Promise<StoredBuild | undefined> {
  // They are few: no index leads from a UUID to its build.
  const running = buildsOf(db, owner).where('slot', '=', 'running');
  const found = (await running.select('id').execute()).find(({ id }) => id.endsWith(`:${uuid}`));
  return found && findBuild(db, owner, found.id);
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
  const rows = await buildsOf(db, owner)
    .select('body')
    .where('id', 'in', ids)
    .where('project_name', 'not like', `${SANDBOX_PREFIX}%`)
    .execute();
  return rows.map((row) => BUILD.decode(row.body));
}

/** Those of these ids that are sandboxes, by their ids. */
export async function findSandboxes(
  db: Db,
  owner: Owner,
  ids: string[],
): Promise<Map<string, StoredBuild>> {
  if (ids.length === 0) return new Map();
  const rows = await buildsOf(db, owner)
    .selectAll()
    .where('id', 'in', ids)
    .where('project_name', 'like', `${SANDBOX_PREFIX}%`)
    .execute();
  return new Map(rows.map((row) => [row.id, storedBuild(row)]));
}

/** The last build of a project that builds one of these branches or tags. */
export async function lastBuildOf(
  db: Db,
  owner: Owner,
  project: string,
  names: string[],
): Promise<Build | undefined> {
  if (names.length === 0) return undefined;
  const row = await buildsOf(db, owner)
    .select('body')
    .where('project_name', '=', project)
    .where('source_version', 'in', names)
    .orderBy('build_number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && BUILD.decode(row.body);
}

/** A build in a list, by what the lists are in order of. */
export type ListedBuild = Pick<BuildRow, 'id' | 'started_at' | 'build_number'>;

/** At most `limit` builds in order of their start, or of one project in order of their number, from behind `after` on. */
export async function listBuilds(
  db: Db,
  owner: Owner,
  {
    project,
    sandboxes = false,
    order,
    after,
    limit,
  }: {
    project?: string;
    /** In place of builds. */
    sandboxes?: boolean;
    order: 'asc' | 'desc';
    after: readonly [number, string] | undefined;
    limit: number;
  },
): Promise<ListedBuild[]> {
  const by = project ? 'build_number' : 'started_at';
  let query = buildsOf(db, owner).select(['id', 'started_at', 'build_number']);
  if (project) query = query.where('project_name', '=', project);
  else if (sandboxes) query = query.where('project_name', 'like', `${SANDBOX_PREFIX}%`);
  else
    query = query
      .where('project_name', 'not like', `${MANAGED_PREFIX}%`)
      .where('project_name', 'not like', `${SANDBOX_PREFIX}%`);
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

/** How many builds of the server run and wait, by the ARNs of the fleets that they count for; those of none by ''. */
export async function countByFleet(
  db: Db | Tx,
): Promise<Map<string, { running: number; queued: number }>> {
  const rows = await tables(db)
    .selectFrom('codebuild_build')
    .select((e) => ['slot', 'fleet_arn', e.fn.countAll<number | string>().as('count')])
    .where('slot', 'in', ['running', 'queued'])
    .groupBy(['slot', 'fleet_arn'])
    .execute();
  const counts = new Map<string, { running: number; queued: number }>();
  for (const { slot, fleet_arn, count } of rows) {
    const of = counts.get(fleet_arn ?? '') ?? { running: 0, queued: 0 };
    counts.set(fleet_arn ?? '', { ...of, [slot]: Number(count) });
  }
  return counts;
}

/** Running builds of an account in a region on one compute type, on demand. */
export async function countRunningOn(
  db: Db | Tx,
  owner: Owner,
  computeType: string | undefined,
): Promise<number> {
  const rows = await buildsOf(db, owner)
    .select('inputs')
    .where('slot', '=', 'running')
    .where('fleet_arn', 'is', null)
    .execute();
  return rows.filter(({ inputs }) => INPUTS.decode(inputs).environment.computeType === computeType)
    .length;
}

/** Of a project that are not over. */
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

/** Builds that are not over and count for a fleet. */
export async function countActiveOnFleet(tx: Tx, fleetArn: string): Promise<number> {
  const row = await tables(tx)
    .selectFrom('codebuild_build')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('slot', 'in', ['running', 'queued'])
    .where('fleet_arn', '=', fleetArn)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** What the builds of an account in a region that are not over were started with. */
export async function activeInputs(db: Db, owner: Owner): Promise<BuildInputs[]> {
  const rows = await buildsOf(db, owner).select('inputs').where('slot', '!=', 'done').execute();
  return rows.map(({ inputs }) => INPUTS.decode(inputs));
}

/** Builds that wait for the same fleet and came before this one. */
export async function countAhead(tx: Tx, { build, id, fleetArn = '' }: StoredBuild) {
  const row = await tables(tx)
    .selectFrom('codebuild_build')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('slot', '=', 'queued')
    .where('fleet_arn', '=', fleetArn)
    .where(behind(['started_at', 'id'], 'desc', [build.startTime?.getTime() ?? 0, id]))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * Keys of the builds that have waited longest: so many of each fleet, and of none, since each waits for its own.
 * @param of of these alone: a fleet's ARN, or undefined for builds of none
 */
export async function longestQueued(
  tx: Tx,
  ofEach: number,
  of?: { fleetArn: string | undefined },
): Promise<string[]> {
  const queued = tables(tx).selectFrom('codebuild_build').where('slot', '=', 'queued');
  const arn = of?.fleetArn ?? null;
  const ranked = (of ? queued.where('fleet_arn', arn === null ? 'is' : '=', arn) : queued)
    .select(['account_id', 'region', 'id'])
    .select((e) =>
      e.fn
        .agg<number | string>('row_number')
        .over((o) => o.partitionBy('fleet_arn').orderBy('started_at').orderBy('id'))
        .as('place'),
    );
  const rows = await tables(tx)
    .selectFrom(ranked.as('ranked'))
    .select(['account_id', 'region', 'id'])
    .where('place', '<=', ofEach)
    .orderBy('place')
    .execute();
  return rows.map((row) => buildKey({ accountId: row.account_id, region: row.region }, row.id));
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
    fleetArn: row.fleet_arn ?? undefined,
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
