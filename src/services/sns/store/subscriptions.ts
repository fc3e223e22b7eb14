import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Lane, Protocol, Subscription } from '../model/subscription.ts';
import { type Owner, type SnsTables, tables } from './tables.ts';

type Row = SnsTables['sns_subscription'];
type Body = Pick<
  Subscription,
  'wasAuthenticated' | 'authenticateOnUnsubscribe' | 'principal' | 'attributes'
>;

function subscriptionOf(row: Row): Subscription {
  return {
    arn: row.arn,
    topicArn: row.topic_arn,
    accountId: row.account_id,
    region: row.region,
    protocol: row.protocol as Protocol,
    endpoint: row.endpoint,
    ...(row.token_hash !== null && { tokenHash: row.token_hash }),
    ...(row.expires_at !== null && { expiresAt: new Date(row.expires_at) }),
    lane: row.lane as Lane,
    ...decodeJson<Body>(row.body),
  };
}

function rowOf(subscription: Subscription): Row {
  const { wasAuthenticated, authenticateOnUnsubscribe, principal, attributes } = subscription;
  const body: Body = { wasAuthenticated, authenticateOnUnsubscribe, principal, attributes };
  return {
    arn: subscription.arn,
    topic_arn: subscription.topicArn,
    account_id: subscription.accountId,
    region: subscription.region,
    protocol: subscription.protocol,
    endpoint: subscription.endpoint,
    token_hash: subscription.tokenHash ?? null,
    expires_at: subscription.expiresAt?.getTime() ?? null,
    lane: subscription.lane,
    body: encodeJson(body),
  };
}

const all = (db: Db | Tx) => tables(db).selectFrom('sns_subscription').selectAll();

export async function findSubscription(
  db: Db | Tx,
  arn: string,
): Promise<Subscription | undefined> {
  const row = await all(db).where('arn', '=', arn).executeTakeFirst();
  return row && subscriptionOf(row);
}

/** Who has subscribed this endpoint before. */
export async function findByEndpoint(
  tx: Tx,
  {
    topicArn,
    accountId,
    protocol,
    endpoint,
  }: Pick<Subscription, 'topicArn' | 'accountId' | 'protocol' | 'endpoint'>,
): Promise<Subscription | undefined> {
  const row = await all(tx)
    .where('topic_arn', '=', topicArn)
    .where('account_id', '=', accountId)
    .where('protocol', '=', protocol)
    .where('endpoint', '=', endpoint)
    .executeTakeFirst();
  return row && subscriptionOf(row);
}

export async function findByToken(
  tx: Tx,
  topicArn: string,
  tokenHash: string,
): Promise<Subscription | undefined> {
  const row = await all(tx)
    .where('topic_arn', '=', topicArn)
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  return row && subscriptionOf(row);
}

/** Those that get messages. */
export async function listConfirmed(db: Db | Tx, topicArn: string): Promise<Subscription[]> {
  const rows = await all(db)
    .where('topic_arn', '=', topicArn)
    .where('expires_at', 'is', null)
    .orderBy('arn')
    .execute();
  return rows.map(subscriptionOf);
}

export interface Page {
  after: string | undefined;
  limit: number;
}

const paged = async (query: ReturnType<typeof all>, { after, limit }: Page) => {
  const rows = await query
    .$if(after !== undefined, (q) => q.where('arn', '>', after ?? ''))
    .orderBy('arn')
    .limit(limit)
    .execute();
  return rows.map(subscriptionOf);
};

export const listOfTopic = (db: Db, topicArn: string, page: Page) =>
  paged(all(db).where('topic_arn', '=', topicArn), page);

export const listOfOwner = (db: Db, { accountId, region }: Owner, page: Page) =>
  paged(all(db).where('account_id', '=', accountId).where('region', '=', region), page);

export async function countOfTopic(
  db: Db | Tx,
  topicArn: string,
): Promise<{ confirmed: number; pending: number }> {
  const row = await tables(db)
    .selectFrom('sns_subscription')
    .select((e) => [e.fn.countAll().as('all'), e.fn.count('expires_at').as('pending')])
    .where('topic_arn', '=', topicArn)
    .executeTakeFirst();
  const pending = Number(row?.pending ?? 0);
  return { confirmed: Number(row?.all ?? 0) - pending, pending };
}

export async function insertSubscription(tx: Tx, subscription: Subscription): Promise<void> {
  await tables(tx).insertInto('sns_subscription').values(rowOf(subscription)).execute();
}

export async function updateSubscription(tx: Tx, subscription: Subscription): Promise<void> {
  const { token_hash, expires_at, lane, body } = rowOf(subscription);
  await tables(tx)
    .updateTable('sns_subscription')
    .set({ token_hash, expires_at, lane, body })
    .where('arn', '=', subscription.arn)
    .execute();
}

export async function setLane(tx: Tx, arn: string, lane: Lane): Promise<void> {
  await tables(tx).updateTable('sns_subscription').set({ lane }).where('arn', '=', arn).execute();
}

/** What is still to be delivered to it finds none, and goes. */
export async function deleteSubscription(tx: Tx, { arn, topicArn }: Subscription): Promise<void> {
  await tables(tx).deleteFrom('sns_subscription').where('arn', '=', arn).execute();
  await tables(tx)
    .updateTable('sns_topic')
    .set((e) => ({ deleted_subscriptions: e('deleted_subscriptions', '+', 1) }))
    .where('arn', '=', topicArn)
    .execute();
}

/** ARNs of those that nobody has confirmed in time. @param now epoch ms */
export async function listExpired(db: Db, now: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('sns_subscription')
    .select('arn')
    .where('expires_at', '<=', now)
    .execute();
  return rows.map(({ arn }) => arn);
}
