import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../../../db/database.ts';
import { PostgresAdapter, sql } from '../../../db/kysely.ts';
import { statement } from '../../../db/statement.ts';
import type { Queue } from '../model/queue.ts';
import { type MessageRow, tables } from './tables.ts';

/** What is not yet received. */
export type NewMessage = Pick<
  MessageRow,
  'seq' | 'message_id' | 'group_id' | 'visible_at' | 'sent_at' | 'body' | 'source_arn'
> &
  Partial<Pick<MessageRow, 'receive_count' | 'first_received_at'>>;

export async function insertMessages(
  tx: Tx,
  queueId: string,
  messages: readonly NewMessage[],
): Promise<void> {
  await tables(tx)
    .insertInto('sqs_message')
    .values(
      messages.map((message) => ({
        ...{ queue_id: queueId, receive_count: 0, received_at: null },
        ...{ first_received_at: null, receipt: null },
        ...message,
      })),
    )
    .execute();
}

/** How messages are received. Times in epoch milliseconds. */
export interface Take {
  now: number;
  /** Those that were sent before are past their retention. */
  after: number;
  until: number;
  count: number;
  receipt: string;
}

export const newReceipt = (): string => randomBytes(9).toString('base64url');

type TakeParameters = Omit<Take, 'receipt'> & { queue: string; receipt: string };

/**
 * Of a standard queue: those that have waited longest. Two that ask at once, on whichever node, get different ones:
 * SQLite has one writer, PostgreSQL skips rows that another has locked.
 */
const takeStatement = statement<TakeParameters, MessageRow>((db, parameter) =>
  tables(db)
    .with('picked', (picked) => {
      const visible = picked
        .selectFrom('sqs_message')
        .select('seq')
        .where('queue_id', '=', parameter('queue'))
        .where('visible_at', '<=', parameter('now'))
        .where('sent_at', '>', parameter('after'))
        .orderBy('visible_at')
        .limit(parameter('count'));
      return isPostgres(db) ? visible.forUpdate().skipLocked() : visible;
    })
    .updateTable('sqs_message')
    .set((e) => ({
      visible_at: parameter('until'),
      received_at: parameter('now'),
      first_received_at: e.fn.coalesce('first_received_at', e.val(parameter('now'))),
      receive_count: e('receive_count', '+', 1),
      receipt: parameter('receipt'),
    }))
    .where('queue_id', '=', parameter('queue'))
    .where('seq', 'in', (e) => e.selectFrom('picked').select('picked.seq'))
    .returningAll(),
);

function isPostgres(db: Db | Tx): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

export async function takeMessages(tx: Tx, queue: string, take: Take): Promise<MessageRow[]> {
  const rows = await takeStatement(tx, { queue, ...take });
  return rows.sort((a, b) => (a.seq < b.seq ? -1 : 1));
}

/** When the next message becomes visible that is not yet, in epoch milliseconds. */
const nextStatement = statement<{ queue: string; now: number }, { visible_at: number }>(
  (db, parameter) =>
    tables(db)
      .selectFrom('sqs_message')
      .select('visible_at')
      .where('queue_id', '=', parameter('queue'))
      .where('visible_at', '>', parameter('now'))
      .orderBy('visible_at')
      .limit(1),
);

export async function nextVisible(db: Db, queue: string, now: number): Promise<number | undefined> {
  const [row] = await nextStatement(db, { queue, now });
  return row?.visible_at;
}

/** Is there anything to take? Asked before one queues up to write. */
const anyStatement = statement<{ queue: string; now: number; after: number }, { seq: string }>(
  (db, parameter) =>
    tables(db)
      .selectFrom('sqs_message')
      .select('seq')
      .where('queue_id', '=', parameter('queue'))
      .where('visible_at', '<=', parameter('now'))
      .where('sent_at', '>', parameter('after'))
      .limit(1),
);

export async function anyVisible(
  db: Db,
  queue: string,
  { now, after }: Pick<Take, 'now' | 'after'>,
): Promise<boolean> {
  return (await anyStatement(db, { queue, now, after })).length > 0;
}

/** Names one receive of one message. */
export interface Receipt {
  queueId: string;
  seq: string;
  receipt: string;
}

/** The message, as long as this is its last receive. */
export async function findReceived(
  tx: Tx,
  { queueId, seq, receipt }: Receipt,
): Promise<MessageRow | undefined> {
  return tables(tx)
    .selectFrom('sqs_message')
    .selectAll()
    .where('queue_id', '=', queueId)
    .where('seq', '=', seq)
    .where('receipt', '=', receipt)
    .executeTakeFirst();
}

const deleteStatement = statement<Receipt, MessageRow>((db, parameter) =>
  tables(db)
    .deleteFrom('sqs_message')
    .where('queue_id', '=', parameter('queueId'))
    .where('seq', '=', parameter('seq'))
    .where('receipt', '=', parameter('receipt')),
);

/** Deletes it, if it was not received again since. */
export async function deleteReceived(tx: Tx, receipt: Receipt): Promise<void> {
  await deleteStatement(tx, receipt);
}

export async function setVisible(tx: Tx, { queueId, seq }: Receipt, at: number): Promise<void> {
  await tables(tx)
    .updateTable('sqs_message')
    .set({ visible_at: at })
    .where('queue_id', '=', queueId)
    .where('seq', '=', seq)
    .execute();
}

/** Gives back what was taken and cannot be handed out, as if it had not been received. */
export async function giveBack(tx: Tx, rows: readonly MessageRow[], now: number): Promise<void> {
  for (const { queue_id, seq } of rows)
    await tables(tx)
      .updateTable('sqs_message')
      .set((e) => ({ visible_at: now, receive_count: e('receive_count', '-', 1) }))
      .where('queue_id', '=', queue_id)
      .where('seq', '=', seq)
      .execute();
}

/** Moves it into a dead-letter queue as it is; its age counts on. */
export async function moveMessage(
  tx: Tx,
  { queue_id, seq }: MessageRow,
  to: Partial<MessageRow> & Pick<MessageRow, 'queue_id' | 'source_arn' | 'visible_at'>,
): Promise<void> {
  await tables(tx)
    .updateTable('sqs_message')
    .set({ received_at: null, receipt: null, ...to })
    .where('queue_id', '=', queue_id)
    .where('seq', '=', seq)
    .execute();
}

/** What GetQueueAttributes tells. */
export interface Counts {
  visible: number;
  inFlight: number;
  delayed: number;
}

export async function countMessages(
  db: Db | Tx,
  { id, settings }: Queue,
  now: number,
): Promise<Counts> {
  const of = () => tables(db).selectFrom('sqs_message').where('queue_id', '=', id);
  const visible = await of()
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('visible_at', '<=', now)
    .where('sent_at', '>', now - settings.retentionMs)
    .executeTakeFirst();
  const hidden = await of()
    .select((e) => [
      e.fn.countAll<number>().as('count'),
      e.fn.count<number>('receipt').as('received'),
    ])
    .where('visible_at', '>', now)
    .executeTakeFirst();
  const inFlight = hidden?.received ?? 0;
  return { visible: visible?.count ?? 0, inFlight, delayed: (hidden?.count ?? 0) - inFlight };
}

/** Of those that are in flight, up to a number beyond which nobody wants to know. */
export async function countInFlight(
  db: Db | Tx,
  queueId: string,
  now: number,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 as one from sqs_message
      where queue_id = ${queueId} and visible_at > ${now} and receipt is not null limit ${most}
    ) as flying`.execute(db);
  return Number(rows[0]?.count ?? 0);
}

/** Deletes at most `count` of those up to a place in the queue. @returns how many */
export async function deleteUpTo(
  tx: Tx,
  queueId: string,
  seq: string | undefined,
  count: number,
): Promise<number> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('sqs_message')
    .where('queue_id', '=', queueId)
    .where('seq', 'in', (e) => {
      const first = e.selectFrom('sqs_message').select('seq').where('queue_id', '=', queueId);
      return (seq === undefined ? first : first.where('seq', '<=', seq))
        .orderBy('seq')
        .limit(count);
    })
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** The place of the last message of a queue. */
export async function lastSeq(db: Db | Tx, queueId: string): Promise<string | undefined> {
  const row = await tables(db)
    .selectFrom('sqs_message')
    .select('seq')
    .where('queue_id', '=', queueId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.seq;
}
