import type { Db, Tx } from '../../../db/database.ts';
import type { NewMessage, Take } from './messages.ts';
import { type MessageRow, tables } from './tables.ts';

// All of a FIFO queue's messages. Whoever changes them holds the queue (holdQueue).

/** Notes the groups of messages that have just been put in. */
export async function addToGroups(
  tx: Tx,
  queueId: string,
  messages: readonly NewMessage[],
): Promise<void> {
  await tables(tx)
    .insertInto('sqs_group')
    .values(
      messages.map(({ group_id, visible_at, seq }) => ({
        ...{ queue_id: queueId, group_id: group_id ?? '' },
        ...{ visible_at, head: seq },
      })),
    )
    .onConflict((conflict) => conflict.columns(['queue_id', 'group_id']).doNothing())
    .execute();
}

/** Groups that may be received from, those first that have waited longest. */
export async function visibleGroups(
  db: Db | Tx,
  queueId: string,
  now: number,
  count: number,
): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('sqs_group')
    .select('group_id')
    .where('queue_id', '=', queueId)
    .where('visible_at', '<=', now)
    .orderBy('visible_at')
    .orderBy('head')
    .limit(count)
    .execute();
  return rows.map(({ group_id }) => group_id);
}

/** When the next group can be received from that cannot yet, in epoch milliseconds. */
export async function nextVisibleGroup(
  db: Db,
  queueId: string,
  now: number,
): Promise<number | undefined> {
  const row = await tables(db)
    .selectFrom('sqs_group')
    .select('visible_at')
    .where('queue_id', '=', queueId)
    .where('visible_at', '>', now)
    .orderBy('visible_at')
    .limit(1)
    .executeTakeFirst();
  return row?.visible_at;
}

const ofGroup = (tx: Tx, queueId: string, groupId: string) =>
  tables(tx)
    .selectFrom('sqs_message')
    .selectAll()
    .where('queue_id', '=', queueId)
    .where('group_id', '=', groupId)
    .orderBy('seq');

/** The first messages of a group, up to the first that is not visible. What is past its retention goes. */
export async function takeOfGroup(
  tx: Tx,
  queueId: string,
  groupId: string,
  { now, after, until, count, receipt }: Take,
): Promise<MessageRow[]> {
  await tables(tx)
    .deleteFrom('sqs_message')
    .where('queue_id', '=', queueId)
    .where('group_id', '=', groupId)
    .where('sent_at', '<=', after)
    .execute();
  const first = await ofGroup(tx, queueId, groupId).limit(count).execute();
  const hidden = first.findIndex(({ visible_at }) => visible_at > now);
  const taken = hidden < 0 ? first : first.slice(0, hidden);
  if (taken.length === 0) return [];
  const rows = await tables(tx)
    .updateTable('sqs_message')
    .set((e) => ({
      ...{ visible_at: until, received_at: now, receipt },
      first_received_at: e.fn.coalesce('first_received_at', e.val(now)),
      receive_count: e('receive_count', '+', 1),
    }))
    .where('queue_id', '=', queueId)
    .where(
      'seq',
      'in',
      taken.map(({ seq }) => seq),
    )
    .returningAll()
    .execute();
  return rows.sort((a, b) => (a.seq < b.seq ? -1 : 1));
}

/** Says from when on a group may be received from: it waits for all of it that is in flight. */
export async function settleGroup(
  tx: Tx,
  queueId: string,
  groupId: string,
  now: number,
): Promise<void> {
  const flying = await tables(tx)
    .selectFrom('sqs_message')
    .select((e) => e.fn.max('visible_at').as('until'))
    .where('queue_id', '=', queueId)
    .where('group_id', '=', groupId)
    .where('visible_at', '>', now)
    .where('receipt', 'is not', null)
    .executeTakeFirst();
  const head = await ofGroup(tx, queueId, groupId).limit(1).executeTakeFirst();
  const group = tables(tx);
  if (!head) {
    await group
      .deleteFrom('sqs_group')
      .where('queue_id', '=', queueId)
      .where('group_id', '=', groupId)
      .execute();
    return;
  }
  await group
    .updateTable('sqs_group')
    .set({ visible_at: flying?.until ?? Math.max(head.visible_at, now), head: head.seq })
    .where('queue_id', '=', queueId)
    .where('group_id', '=', groupId)
    .execute();
}

/** Takes the groups away that have no messages any more. */
export async function dropEmptyGroups(tx: Tx, queueId: string): Promise<void> {
  await tables(tx)
    .deleteFrom('sqs_group')
    .where('queue_id', '=', queueId)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('sqs_message')
            .select('seq')
            .whereRef('sqs_message.queue_id', '=', 'sqs_group.queue_id')
            .whereRef('sqs_message.group_id', '=', 'sqs_group.group_id'),
        ),
      ),
    )
    .execute();
}
