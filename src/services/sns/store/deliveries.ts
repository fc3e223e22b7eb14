import type { Principal } from '../../../aws/principal.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Delivery } from '../model/delivery.ts';
import type { Message } from '../model/message.ts';
import type { Lane } from '../model/subscription.ts';
import { type SnsTables, tables } from './tables.ts';

type Row = SnsTables['sns_delivery'];
type Body = Pick<Delivery, 'dead'>;

const rowOf = ({ dead, ...delivery }: Delivery): Row => ({
  subscription_arn: delivery.subscriptionArn,
  message_id: delivery.messageId,
  place: delivery.place,
  group_key: delivery.groupKey,
  due_at: delivery.dueAt.getTime(),
  attempts: delivery.attempts,
  body: encodeJson({ dead }),
});

const deliveryOf = (row: Row): Delivery => ({
  subscriptionArn: row.subscription_arn,
  messageId: row.message_id,
  place: row.place,
  groupKey: row.group_key,
  dueAt: new Date(row.due_at),
  attempts: row.attempts,
  ...decodeJson<Body>(row.body),
});

/** A statement takes 32,766 values at most. */
const ROWS_AT_ONCE = 1000;

export async function insertMessage(tx: Tx, id: string, message: StoredMessage): Promise<void> {
  await tables(tx)
    .insertInto('sns_message')
    .values({ id, body: encodeJson(message) })
    .execute();
}

export async function insertDeliveries(tx: Tx, deliveries: readonly Delivery[]): Promise<void> {
  for (let at = 0; at < deliveries.length; at += ROWS_AT_ONCE)
    await tables(tx)
      .insertInto('sns_delivery')
      .values(deliveries.slice(at, at + ROWS_AT_ONCE).map(rowOf))
      .execute();
}

/** A message, or what a topic's own key has made of it, and for whom KMS opens it. */
export type StoredMessage =
  | Message
  | {
      sealed: string;
      dataKey: string;
      publisher: { principal: Principal; accessKeyId?: string };
    };

export async function findMessage(db: Db, id: string): Promise<StoredMessage | undefined> {
  const row = await tables(db)
    .selectFrom('sns_message')
    .select('body')
    .where('id', '=', id)
    .executeTakeFirst();
  return row && decodeJson<StoredMessage>(row.body);
}

/** A subscription's deliveries before which none of their group stands. */
const heads = (db: Db | Tx, subscriptionArn: string) =>
  tables(db)
    .selectFrom('sns_delivery as head')
    .where('head.subscription_arn', '=', subscriptionArn)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('sns_delivery as before')
            .select('before.message_id')
            .where('before.subscription_arn', '=', subscriptionArn)
            .whereRef('before.group_key', '=', 'head.group_key')
            .whereRef('before.place', '<', 'head.place'),
        ),
      ),
    );

/** What a subscription is to get by now, the first first. @param now epoch ms */
export async function listDue(
  db: Db,
  subscriptionArn: string,
  { now, limit }: { now: number; limit: number },
): Promise<Delivery[]> {
  const rows = await heads(db, subscriptionArn)
    .selectAll('head')
    .where('head.due_at', '<=', now)
    .orderBy('head.place')
    .limit(limit)
    .execute();
  return rows.map(deliveryOf);
}

/** When the next of a subscription's deliveries is due. */
export async function nextDue(db: Db | Tx, subscriptionArn: string): Promise<Date | undefined> {
  const row = await heads(db, subscriptionArn)
    .select((e) => e.fn.min('head.due_at').as('due'))
    .executeTakeFirst();
  return row?.due == null ? undefined : new Date(Number(row.due));
}

export async function updateDelivery(tx: Tx, delivery: Delivery): Promise<void> {
  const { due_at, attempts, body } = rowOf(delivery);
  await at(tx, delivery).set({ due_at, attempts, body }).execute();
}

const at = (tx: Tx, { subscriptionArn, messageId }: Delivery) =>
  tables(tx)
    .updateTable('sns_delivery')
    .where('subscription_arn', '=', subscriptionArn)
    .where('message_id', '=', messageId);

/** Deletes what is done, and the message with its last delivery. */
export async function deleteDelivery(
  tx: Tx,
  { subscriptionArn, messageId }: Pick<Delivery, 'subscriptionArn' | 'messageId'>,
): Promise<void> {
  await tables(tx)
    .deleteFrom('sns_delivery')
    .where('subscription_arn', '=', subscriptionArn)
    .where('message_id', '=', messageId)
    .execute();
  await tables(tx)
    .deleteFrom('sns_message')
    .where('id', '=', messageId)
    .where((e) =>
      e.not(
        e.exists(
          e.selectFrom('sns_delivery').select('message_id').where('message_id', '=', messageId),
        ),
      ),
    )
    .execute();
}

/** Subscriptions of a lane to which something is due. @param now epoch ms */
export async function listWaiting(db: Db, lane: Lane, now: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('sns_delivery')
    .innerJoin('sns_subscription', 'sns_subscription.arn', 'sns_delivery.subscription_arn')
    .select('sns_subscription.arn')
    .distinct()
    .where('sns_subscription.lane', '=', lane)
    .where('sns_delivery.due_at', '<=', now)
    .execute();
  return rows.map(({ arn }) => arn);
}

/** Those of them that are gone. */
export async function listOrphaned(db: Db): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('sns_delivery')
    .leftJoin('sns_subscription', 'sns_subscription.arn', 'sns_delivery.subscription_arn')
    .select('sns_delivery.subscription_arn')
    .distinct()
    .where('sns_subscription.arn', 'is', null)
    .execute();
  return rows.map(({ subscription_arn }) => subscription_arn);
}

/** Deletes deliveries of a subscription that is gone. @returns whether there may be more */
export async function deleteSome(tx: Tx, subscriptionArn: string): Promise<boolean> {
  const rows = await tables(tx)
    .selectFrom('sns_delivery')
    .select('message_id')
    .where('subscription_arn', '=', subscriptionArn)
    .limit(ORPHANS_AT_ONCE)
    .execute();
  for (const { message_id: messageId } of rows)
    await deleteDelivery(tx, { subscriptionArn, messageId });
  return rows.length === ORPHANS_AT_ONCE;
}

const ORPHANS_AT_ONCE = 100;
