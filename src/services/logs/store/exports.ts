import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson } from '../../../lib/json.ts';
import { type ExportRow, type ExportStatus, type Owner, tables } from './tables.ts';

/** What CreateExportTask asked for; times in epoch milliseconds, both inclusive. */
export interface ExportRequest {
  taskName?: string | undefined;
  groupName: string;
  groupId: string;
  streamPrefix?: string | undefined;
  from: number;
  to: number;
  bucket: string;
  prefix: string;
}

export const requestOf = ({ body }: ExportRow) => decodeJson(body) as ExportRequest;

export async function insertExport(tx: Tx, row: ExportRow): Promise<void> {
  await tables(tx).insertInto('logs_export').values(row).execute();
}

export async function findExport(db: Db | Tx, id: string): Promise<ExportRow | undefined> {
  return tables(db).selectFrom('logs_export').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function listExports(db: Db | Tx, { accountId, region }: Owner): Promise<ExportRow[]> {
  return tables(db)
    .selectFrom('logs_export')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .execute();
}

/** Changes one that has not ended. @param endedAt epoch milliseconds, where it ends @returns whether it had not */
export async function changeExport(
  tx: Tx,
  id: string,
  status: ExportStatus,
  endedAt?: number,
): Promise<boolean> {
  const result = await tables(tx)
    .updateTable('logs_export')
    .set({ status, ended_at: endedAt ?? null })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function exportsToRun(db: Db): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('logs_export')
    .select('id')
    .where('ended_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}
