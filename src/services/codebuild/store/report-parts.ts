import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { ReportPart } from '../model/report-merge.ts';
import type { Owner } from './tables.ts';

type PartTables = {
  codebuild_report_part: {
    account_id: string;
    region: string;
    /** Of the whole report. */
    arn: string;
    shard: number;
    attempt: number;
    group_name: string;
    /** JSON of what is no column of a ReportPart. */
    body: string;
  };
};

const on = (db: Db | Tx) => db.withTables<PartTables>();

/** A build that is tried again has another part in place of the one before. */
export async function putPart(
  tx: Tx,
  { accountId, region }: Owner,
  { arn, group, attempt }: { arn: string; group: string; attempt: number },
  { shard, ...body }: ReportPart,
): Promise<void> {
  const row = { attempt, body: encodeJson(body) };
  await on(tx)
    .insertInto('codebuild_report_part')
    .values({ account_id: accountId, region, arn, shard, group_name: group, ...row })
    .onConflict((c) =>
      c
        .columns(['account_id', 'region', 'arn', 'shard'])
        .doUpdateSet(row)
        .where('codebuild_report_part.attempt', '<', attempt),
    )
    .execute();
}

export async function findParts(
  tx: Tx,
  { accountId, region }: Owner,
  arn: string,
): Promise<ReportPart[]> {
  const rows = await on(tx)
    .selectFrom('codebuild_report_part')
    .select(['shard', 'body'])
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('arn', '=', arn)
    .execute();
  return rows.map(({ shard, body }) => ({
    shard: Number(shard),
    ...decodeJson<Omit<ReportPart, 'shard'>>(body),
  }));
}

/** Those of a report, or of all reports of a group. */
export async function deleteParts(
  tx: Tx,
  { accountId, region }: Owner,
  which: { arn: string } | { group: string },
): Promise<void> {
  const all = on(tx)
    .deleteFrom('codebuild_report_part')
    .where('account_id', '=', accountId)
    .where('region', '=', region);
  const some =
    'arn' in which ? all.where('arn', '=', which.arn) : all.where('group_name', '=', which.group);
  await some.execute();
}
