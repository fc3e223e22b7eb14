import type { CodeCoverage, Report, ReportGroup, TestCase } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { deleteParts } from './report-parts.ts';
import type { Owner } from './tables.ts';

type ReportTables = {
  codebuild_report_group: {
    account_id: string;
    region: string;
    name: string;
    created_at: number;
    modified_at: number;
    body: string;
    policy: string | null;
  };
  codebuild_report: {
    account_id: string;
    region: string;
    arn: string;
    group_name: string;
    created_at: number;
    status: string;
    /** JSON of the SDK's Report. */
    body: string;
    /** JSON of the SDK's TestCases, or of the CodeCoverages of a report on coverage. */
    cases: string;
  };
};

const on = (db: Db | Tx) => db.withTables<ReportTables>();

const groupsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  on(db)
    .selectFrom('codebuild_report_group')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

const reportsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  on(db)
    .selectFrom('codebuild_report')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** @returns false when there is a group of that name. */
export async function insertGroup(tx: Tx, owner: Owner, group: ReportGroup): Promise<boolean> {
  const result = await on(tx)
    .insertInto('codebuild_report_group')
    .values({
      account_id: owner.accountId,
      region: owner.region,
      name: group.name ?? '',
      created_at: group.created?.getTime() ?? 0,
      modified_at: group.lastModified?.getTime() ?? 0,
      body: encodeJson(group),
      policy: null,
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export interface StoredGroup extends Owner {
  group: ReportGroup;
  policy?: string;
}

/** Groups by their names: those that there are. */
export async function findGroups(
  db: Db | Tx,
  owner: Owner,
  names: readonly string[],
): Promise<Map<string, StoredGroup>> {
  const rows = await groupsOf(db, owner).selectAll().where('name', 'in', names).execute();
  const stored = rows.map((row) => ({
    accountId: row.account_id,
    region: row.region,
    group: decodeJson<ReportGroup>(row.body),
    ...(row.policy !== null && { policy: row.policy }),
  }));
  return new Map(stored.map((each) => [each.group.name ?? '', each]));
}

export async function findGroup(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<StoredGroup | undefined> {
  return (await findGroups(db, owner, [name])).get(name);
}

export async function updateGroup(tx: Tx, owner: Owner, group: ReportGroup): Promise<void> {
  await on(tx)
    .updateTable('codebuild_report_group')
    .set({ body: encodeJson(group), modified_at: group.lastModified?.getTime() ?? 0 })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', group.name ?? '')
    .execute();
}

/** Its reports stay. */
export async function deleteGroup(tx: Tx, owner: Owner, name: string): Promise<void> {
  await on(tx)
    .deleteFrom('codebuild_report_group')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}

export async function countGroups(tx: Tx, owner: Owner): Promise<number> {
  const row = await groupsOf(tx, owner)
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export interface ListedGroup {
  name: string;
  created_at: number;
  modified_at: number;
}

/** At most `limit` groups, from behind `after` on. */
export async function listGroups(
  db: Db,
  owner: Owner,
  { by, order }: { by: keyof ListedGroup; order: 'asc' | 'desc' },
  after: ListedGroup | undefined,
  limit: number,
): Promise<ListedGroup[]> {
  return groupsOf(db, owner)
    .select(['name', 'created_at', 'modified_at'])
    .where(behind([by, 'name'], order, after && [after[by], after.name]))
    .orderBy(by, order)
    .orderBy('name', order)
    .limit(limit)
    .execute();
}

/** A report in a list: when it was made, and its ARN. */
export type ListedReport = readonly [createdAt: number, arn: string];

/** A build may tell of its reports twice: the first time counts. */
export async function insertReport(
  tx: Tx,
  owner: Owner,
  groupName: string,
  report: Report,
  kept: TestCase[] | CodeCoverage[],
): Promise<void> {
  await on(tx)
    .insertInto('codebuild_report')
    .values({
      account_id: owner.accountId,
      region: owner.region,
      arn: report.arn ?? '',
      group_name: groupName,
      created_at: report.created?.getTime() ?? 0,
      status: report.status ?? '',
      body: encodeJson(report),
      cases: encodeJson(kept),
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'arn']).doNothing())
    .execute();
}

/** A report that has become more. */
export async function replaceReport(
  tx: Tx,
  { accountId, region }: Owner,
  report: Report,
  kept: TestCase[],
): Promise<void> {
  await on(tx)
    .updateTable('codebuild_report')
    .set({ status: report.status ?? '', body: encodeJson(report), cases: encodeJson(kept) })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('arn', '=', report.arn ?? '')
    .execute();
}

export async function findReport(
  db: Db | Tx,
  owner: Owner,
  arn: string,
): Promise<Report | undefined> {
  const row = await reportsOf(db, owner).select('body').where('arn', '=', arn).executeTakeFirst();
  return row && decodeJson<Report>(row.body);
}

/** The test cases of a report, none where it is on something else. @returns undefined when there is no such report */
export async function findTestCases(
  db: Db,
  owner: Owner,
  arn: string,
): Promise<TestCase[] | undefined> {
  const { type, kept } = await findKept<TestCase>(db, owner, arn);
  return type === 'CODE_COVERAGE' ? [] : kept;
}

/** The coverage of the source files of a report, none where it is on something else. @returns undefined when there is no such report */
export async function findCoverage(
  db: Db,
  owner: Owner,
  arn: string,
): Promise<CodeCoverage[] | undefined> {
  const { type, kept } = await findKept<CodeCoverage>(db, owner, arn);
  return type === 'TEST' ? [] : kept;
}

async function findKept<T>(db: Db, owner: Owner, arn: string) {
  const row = await reportsOf(db, owner)
    .select(['body', 'cases'])
    .where('arn', '=', arn)
    .executeTakeFirst();
  if (!row) return { type: undefined, kept: undefined };
  return { type: decodeJson<Report>(row.body).type, kept: decodeJson<T[]>(row.cases) };
}

/** The last reports of a group, the newest first. */
export async function lastReports(
  db: Db,
  owner: Owner,
  group: string,
  limit: number,
): Promise<Report[]> {
  const rows = await reportsOf(db, owner)
    .select('body')
    .where('group_name', '=', group)
    .orderBy('created_at', 'desc')
    .orderBy('arn', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => decodeJson<Report>(row.body));
}

/** All reports of a group. @returns their number */
export async function deleteReports(tx: Tx, owner: Owner, group: string): Promise<number> {
  await deleteParts(tx, owner, { group });
  const result = await on(tx)
    .deleteFrom('codebuild_report')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('group_name', '=', group)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

export async function hasReports(tx: Tx, owner: Owner, group: string): Promise<boolean> {
  const row = await reportsOf(tx, owner)
    .select('arn')
    .where('group_name', '=', group)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** At most `limit` reports in order of their making, from behind `after` on. */
export async function listReports(
  db: Db,
  owner: Owner,
  query: {
    group?: string;
    status?: string;
    order: 'asc' | 'desc';
    after: ListedReport | undefined;
    limit: number;
  },
): Promise<ListedReport[]> {
  let found = reportsOf(db, owner).select(['created_at', 'arn']);
  if (query.group) found = found.where('group_name', '=', query.group);
  if (query.status) found = found.where('status', '=', query.status);
  const rows = await found
    .where(behind(['created_at', 'arn'], query.order, query.after))
    .orderBy('created_at', query.order)
    .orderBy('arn', query.order)
    .limit(query.limit)
    .execute();
  return rows.map((row) => [row.created_at, row.arn]);
}

export async function deleteReport(
  tx: Tx,
  { accountId, region }: Owner,
  arn: string,
): Promise<void> {
  await deleteParts(tx, { accountId, region }, { arn });
  await on(tx)
    .deleteFrom('codebuild_report')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('arn', '=', arn)
    .execute();
}
