import type { Tx } from '../../../db/database.ts';
import { tables } from './tables.ts';

/** A message of the last five minutes that another one would repeat. */
export interface Earlier {
  messageId: string;
  sequenceNumber: string;
}

/** @param now epoch ms */
export async function findEarlier(
  tx: Tx,
  topicArn: string,
  keyHash: string,
  now: number,
): Promise<Earlier | undefined> {
  const row = await tables(tx)
    .selectFrom('sns_deduplication')
    .selectAll()
    .where('topic_arn', '=', topicArn)
    .where('key_hash', '=', keyHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row && { messageId: row.message_id, sequenceNumber: row.sequence_number };
}

/** Remembers a message, and forgets the topic's that are too old. @param now epoch ms */
export async function remember(
  tx: Tx,
  {
    topicArn,
    keyHash,
    earlier,
    expiresAt,
    now,
  }: {
    topicArn: string;
    keyHash: string;
    earlier: Earlier;
    expiresAt: number;
    now: number;
  },
): Promise<void> {
  await tables(tx)
    .deleteFrom('sns_deduplication')
    .where('topic_arn', '=', topicArn)
    .where('expires_at', '<=', now)
    .execute();
  await tables(tx)
    .insertInto('sns_deduplication')
    .values({
      topic_arn: topicArn,
      key_hash: keyHash,
      message_id: earlier.messageId,
      sequence_number: earlier.sequenceNumber,
      expires_at: expiresAt,
    })
    .execute();
}
