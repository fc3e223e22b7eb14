import type { Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Webhook } from '../model/webhook.ts';
import { on, type PipelineRecord } from './pipelines.ts';

/** SQL about webhooks. */

/** What of a webhook nobody looks for. */
interface WebhookData {
  definition: Webhook;
  /** The part of its URL that nobody can guess. */
  address: string;
  /** What became of the last request that it refused, until it is put again or one goes well. */
  error?: { code: string; message: string } | undefined;
}

const DATA = defineDocument<WebhookData>();

export interface WebhookKey {
  accountId: string;
  region: string;
  name: string;
}

export interface StoredWebhook extends WebhookKey, WebhookData {
  addressHash: string;
  lastTriggered: number | null;
  tags: PipelineRecord['tags'];
}

export async function findWebhook(tx: Tx, key: WebhookKey): Promise<StoredWebhook | undefined> {
  const row = await select(tx).where(named(key)).executeTakeFirst();
  return row && stored(row);
}

export async function findWebhookAt(
  tx: Tx,
  addressHash: string,
): Promise<StoredWebhook | undefined> {
  const row = await select(tx).where('address_hash', '=', addressHash).executeTakeFirst();
  return row && stored(row);
}

/** By name, after `after`. */
export async function listWebhooks(
  tx: Tx,
  { accountId, region }: Omit<WebhookKey, 'name'>,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<StoredWebhook[]> {
  const rows = await select(tx)
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .$if(after !== undefined, (q) => q.where('name', '>', after ?? ''))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(stored);
}

export async function countWebhooks(
  tx: Tx,
  { accountId, region }: Omit<WebhookKey, 'name'>,
): Promise<number> {
  const row = await on(tx)
    .selectFrom('codepipeline_webhook')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function putWebhook(tx: Tx, webhook: StoredWebhook): Promise<void> {
  const { accountId: account_id, region, name, addressHash: address_hash } = webhook;
  const changes = {
    last_triggered: webhook.lastTriggered,
    data: encodeData(webhook),
    tags: encodeJson(webhook.tags),
  };
  await on(tx)
    .insertInto('codepipeline_webhook')
    .values({ account_id, region, name, address_hash, ...changes })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet(changes))
    .execute();
}

const encodeData = ({ definition, address, error }: WebhookData) =>
  DATA.encode({ definition, address, ...(error && { error }) });

export async function deleteWebhook(tx: Tx, key: WebhookKey): Promise<void> {
  await on(tx).deleteFrom('codepipeline_webhook').where(named(key)).execute();
}

const named =
  ({ accountId, region, name }: WebhookKey) =>
  // biome-ignore lint/suspicious/noExplicitAny: of each kind of statement another builder
  (e: any) =>
    e.and({ account_id: accountId, region, name });

const select = (tx: Tx) => on(tx).selectFrom('codepipeline_webhook').selectAll();

function stored(
  row: Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number],
): StoredWebhook {
  return {
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    addressHash: row.address_hash,
    lastTriggered: row.last_triggered,
    tags: decodeJson(row.tags),
    ...DATA.decode(row.data),
  };
}
