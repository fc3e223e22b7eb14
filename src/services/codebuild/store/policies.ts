import type { Tx } from '../../../db/database.ts';
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
