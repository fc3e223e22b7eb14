import type { Report, ReportGroup, TestCase } from '@aws-sdk/client-codebuild';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Owner } from './tables.ts';

type ReportTables = {
  codebuild_report_group: {
    account_id: string;
    region: string;
    name: string;
    created_at: number;
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
    /** JSON of the SDK's TestCases. */
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

/** At most `limit` groups in order of their names, from behind `after` on. */
export async function listGroups(
  db: Db,
  owner: Owner,
  after: string | undefined,
  limit: number,
): Promise<ReportGroup[]> {
  const rows = await groupsOf(db, owner)
    .select('body')
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map((row) => decodeJson<ReportGroup>(row.body));
}

/** A report in a list: when it was made, and its ARN. */
export type ListedReport = readonly [createdAt: number, arn: string];

/** A build may tell of its reports twice: the first time counts. */
export async function insertReport(
  tx: Tx,
  owner: Owner,
  groupName: string,
  report: Report,
  cases: TestCase[],
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
      cases: encodeJson(cases),
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'arn']).doNothing())
    .execute();
}

export async function findReport(
  db: Db | Tx,
  owner: Owner,
  arn: string,
): Promise<{ report: Report; cases: TestCase[] } | undefined> {
  const row = await reportsOf(db, owner)
    .select(['body', 'cases'])
    .where('arn', '=', arn)
    .executeTakeFirst();
  return row && { report: decodeJson<Report>(row.body), cases: decodeJson<TestCase[]>(row.cases) };
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
  await on(tx)
    .deleteFrom('codebuild_report')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('arn', '=', arn)
    .execute();
}
