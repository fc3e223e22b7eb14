import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import { sql } from '../../../db/kysely.ts';
import { statement } from '../../../db/statement.ts';
import { parseOnce } from '../../../lib/parse-once.ts';
import { settingsOf } from '../model/attributes.ts';
import { isFifoName, type Owner, type Queue } from '../model/queue.ts';
import { type SqsTables, tables } from './tables.ts';

type QueueRow = SqsTables['sqs_queue'];
type Body = Pick<Queue, 'createdAt' | 'modifiedAt' | 'attributes' | 'tags'>;

const document = defineDocument<Body>();

const parse = (fifo: boolean) =>
  parseOnce((body: string) => {
    const read = document.decode(body);
    return { ...read, settings: settingsOf(read.attributes, fifo) };
  });
const parsers = { fifo: parse(true), standard: parse(false) };

export function queueOf(
  row: Pick<QueueRow, 'account_id' | 'region' | 'name' | 'id' | 'body'>,
): Queue {
  const { account_id: accountId, region, name, id, body } = row;
  return { accountId, region, name, id, ...parsers[isFifoName(name) ? 'fifo' : 'standard'](body) };
}

function rowOf({ attributes, createdAt, modifiedAt, tags, settings }: Omit<Queue, 'name' | 'id'>) {
  return {
    retention_ms: settings.retentionMs,
    dead_letter_arn: settings.redrive?.deadLetterTargetArn ?? null,
    body: document.encode({ attributes, createdAt, modifiedAt, tags }),
  };
}

/** Every call of a message asks for its queue first. */
const byName = statement<{ account: string; region: string; name: string }, QueueRow>(
  (db, parameter) =>
    tables(db)
      .selectFrom('sqs_queue')
      .selectAll()
      .where('account_id', '=', parameter('account'))
      .where('region', '=', parameter('region'))
      .where('name', '=', parameter('name')),
);

export async function findQueue(
  db: Db | Tx,
  { accountId, region }: Owner,
  name: string,
): Promise<Queue | undefined> {
  const [row] = await byName(db, { account: accountId, region, name });
  return row && queueOf(row);
}

export async function findQueueById(db: Db | Tx, id: string): Promise<Queue | undefined> {
  const row = await tables(db)
    .selectFrom('sqs_queue')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && queueOf(row);
}

/** In order of their names, from the first behind `after` on. */
export async function listQueues(
  db: Db,
  { accountId, region }: Owner,
  { prefix, after, count }: { prefix: string; after: string | undefined; count: number },
): Promise<Queue[]> {
  const rows = await tables(db)
    .selectFrom('sqs_queue')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where(sql`substr(name, 1, ${sql.lit(prefix.length)})`, '=', prefix)
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('name')
    .limit(count)
    .execute();
  return rows.map(queueOf);
}

/** Queues whose dead letters go to that ARN, in order of their names. */
export async function listSources(
  db: Db | Tx,
  arn: string,
  { after, count }: { after?: string | undefined; count: number },
): Promise<Queue[]> {
  const rows = await tables(db)
    .selectFrom('sqs_queue')
    .selectAll()
    .where('dead_letter_arn', '=', arn)
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('name')
    .limit(count)
    .execute();
  return rows.map(queueOf);
}

export async function insertQueue(tx: Tx, queue: Queue): Promise<void> {
  const { accountId: account_id, region, name, id } = queue;
  await tables(tx)
    .insertInto('sqs_queue')
    .values({ account_id, region, name, id, sequence: 0, purged_at: null, ...rowOf(queue) })
    .execute();
}

export async function updateQueue(tx: Tx, queue: Queue): Promise<void> {
  await tables(tx).updateTable('sqs_queue').set(rowOf(queue)).where('id', '=', queue.id).execute();
}

/** Takes the queue away and lets its name rest. What is in it stays for `sqs/clean`. */
export async function deleteQueue(tx: Tx, queue: Queue, now: number): Promise<void> {
  const { accountId: account_id, region, name, id } = queue;
  await tables(tx).deleteFrom('sqs_queue').where('id', '=', id).execute();
  await tables(tx)
    .insertInto('sqs_deleted_queue')
    .values({ id, account_id, region, name, deleted_at: now })
    .execute();
}

/** Was a queue of that name deleted after `since` (epoch ms)? */
export async function wasDeleted(
  tx: Tx,
  { accountId, region }: Owner,
  name: string,
  since: number,
): Promise<boolean> {
  const row = await tables(tx)
    .selectFrom('sqs_deleted_queue')
    .select('id')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name)
    .where('deleted_at', '>', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns whether it was not purged since `since`, and is now */
export async function notePurge(tx: Tx, id: string, now: number, since: number): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('sqs_queue')
    .set({ purged_at: now })
    .where('id', '=', id)
    .where((e) => e.or([e('purged_at', 'is', null), e('purged_at', '<=', since)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Holds a FIFO queue until the transaction ends, so that its messages have one order on all nodes.
 * @param count how many numbers are taken @returns the last of them; undefined when the queue is gone
 */
export async function holdQueue(tx: Tx, id: string, count = 0): Promise<number | undefined> {
  const row = await tables(tx)
    .updateTable('sqs_queue')
    .set((e) => ({ sequence: e('sequence', '+', count) }))
    .where('id', '=', id)
    .returning('sequence')
    .executeTakeFirst();
  return row?.sequence;
}
