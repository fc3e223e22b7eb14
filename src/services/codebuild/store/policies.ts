import type { Db, Tx } from '../../../db/database.ts';
import type { Owner } from './tables.ts';

type Policed = { account_id: string; region: string; name: string; policy: string | null };

/** Sets or removes the policy of a project or report group. @returns false when that is not there */
export async function setPolicy(
  tx: Tx,
  { kind, ...owner }: Owner & { kind: 'project' | 'report-group'; name: string },
  policy: string | undefined,
): Promise<boolean> {
  const table = kind === 'project' ? 'codebuild_project' : 'codebuild_report_group';
  const result = await tx
    .withTables<{ codebuild_project: Policed; codebuild_report_group: Policed }>()
    .updateTable(table)
    .set({ policy: policy ?? null })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', owner.name)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** A project or report group of another account that has a policy. */
export interface Policied extends Owner {
  name: string;
  policy: string;
  /** Epoch milliseconds. */
  modifiedAt: number;
}

/** Those of other accounts in the region. */
export async function listPolicied(
  db: Db,
  kind: 'project' | 'report-group',
  { accountId, region }: Owner,
): Promise<Policied[]> {
  const table = kind === 'project' ? 'codebuild_project' : 'codebuild_report_group';
  type Row = Policed & { modified_at: number };
  const rows = await db
    .withTables<{ codebuild_project: Row; codebuild_report_group: Row }>()
    .selectFrom(table)
    .select(['account_id', 'region', 'name', 'policy', 'modified_at'])
    .where('policy', 'is not', null)
    .where('region', '=', region)
    .where('account_id', '!=', accountId)
    .execute();
  return rows.map((row) => ({
    ...{ accountId: row.account_id, region: row.region, name: row.name },
    ...{ policy: row.policy ?? '', modifiedAt: row.modified_at },
  }));
}
