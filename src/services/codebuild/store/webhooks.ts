import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { WebhookRecord } from '../model/webhook/record.ts';
import { type Owner, tables, type WebhookRow } from './tables.ts';

const WEBHOOK = defineDocument<WebhookRecord>();

export interface StoredWebhook extends Owner {
  project: string;
  /** Of the part of its address that nobody can guess. */
  addressHash: string;
  webhook: WebhookRecord;
}

const stored = (row: WebhookRow): StoredWebhook => ({
  ...{ accountId: row.account_id, region: row.region, project: row.project_name },
  ...{ addressHash: row.address_hash, webhook: WEBHOOK.decode(row.body) },
});

const all = (db: Db | Tx) => tables(db).selectFrom('codebuild_webhook').selectAll();

/** Those of these projects, by their names. */
export async function findWebhooks(
  db: Db | Tx,
  { accountId, region }: Owner,
  projects: readonly string[],
): Promise<Map<string, StoredWebhook>> {
  if (projects.length === 0) return new Map();
  const rows = await all(db)
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('project_name', 'in', [...projects])
    .execute();
  return new Map(rows.map((row) => [row.project_name, stored(row)]));
}

export const findWebhook = async (
  db: Db | Tx,
  owner: Owner,
  project: string,
): Promise<StoredWebhook | undefined> => (await findWebhooks(db, owner, [project])).get(project);

export async function findWebhookAt(
  db: Db | Tx,
  addressHash: string,
): Promise<StoredWebhook | undefined> {
  const row = await all(db).where('address_hash', '=', addressHash).executeTakeFirst();
  return row && stored(row);
}

/** @returns false where the project has one */
export async function insertWebhook(tx: Tx, webhook: StoredWebhook): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tables(tx)
    .insertInto('codebuild_webhook')
    .values({
      ...{ account_id: webhook.accountId, region: webhook.region, project_name: webhook.project },
      ...{ address_hash: webhook.addressHash, body: WEBHOOK.encode(webhook.webhook) },
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'project_name']).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function updateWebhook(tx: Tx, webhook: StoredWebhook): Promise<void> {
  await tables(tx)
    .updateTable('codebuild_webhook')
    .set({ body: WEBHOOK.encode(webhook.webhook) })
    .where('address_hash', '=', webhook.addressHash)
    .execute();
}

export async function deleteWebhook(
  tx: Tx,
  { accountId, region }: Owner,
  project: string,
): Promise<void> {
  await tables(tx)
    .deleteFrom('codebuild_webhook')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('project_name', '=', project)
    .execute();
}
