import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { arnOf, type Queue } from '../model/queue.ts';
import { addToGroups } from '../store/groups.ts';
import { moveMessage } from '../store/messages.ts';
import { sequenceNumber } from '../store/places.ts';
import { findQueue, holdQueue } from '../store/queues.ts';
import type { MessageRow } from '../store/tables.ts';
import { ringQueue } from './topics.ts';

/** The queue of an ARN, if it is there. */
export async function findByArn(tx: Tx, arn: string): Promise<Queue | undefined> {
  const { accountId, region, resource } = parseArn(arn) ?? {};
  if (accountId === undefined || region === undefined || resource === undefined) return undefined;
  return findQueue(tx, { accountId, region }, resource);
}

/**
 * Moves what was received too often, which counts as not received, into the dead-letter queue. Without one that is
 * there, messages stay in their queue.
 * @param taken with this receive counted @returns those that may be handed out
 */
export async function withoutDeadLetters(
  ctx: Pick<Platform, 'engine'>,
  tx: Tx,
  queue: Queue,
  taken: readonly MessageRow[],
  now: number,
): Promise<MessageRow[]> {
  const { redrive, fifo } = queue.settings;
  if (!redrive) return [...taken];
  const dead = taken.filter(({ receive_count }) => receive_count > redrive.maxReceiveCount);
  if (dead.length === 0) return [...taken];
  const target = await findByArn(tx, redrive.deadLetterTargetArn);
  if (!target || target.settings.fifo !== fifo) return [...taken];
  for (const row of dead) await bury(tx, { row, from: queue, to: target, now });
  await ringQueue(ctx, tx, target.id);
  return taken.filter((row) => !dead.includes(row));
}

interface Burial {
  row: MessageRow;
  from: Queue;
  to: Queue;
  now: number;
}

async function bury(tx: Tx, { row, from, to, now }: Burial): Promise<void> {
  const moved = {
    ...{ queue_id: to.id, source_arn: arnOf(from), visible_at: now },
    receive_count: row.receive_count - 1,
  };
  if (!to.settings.fifo) return moveMessage(tx, row, moved);
  // The age of a message begins anew in a FIFO queue, and so does its place.
  const seq = sequenceNumber((await holdQueue(tx, to.id, 1)) ?? 0);
  await moveMessage(tx, row, { ...moved, seq, sent_at: now });
  await addToGroups(tx, to.id, [{ ...row, ...moved, seq }]);
}
