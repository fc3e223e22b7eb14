import type { Db, Tx } from '../../../db/database.ts';

export type SqsTables = {
  sqs_queue: {
    account_id: string;
    region: string;
    name: string;
    id: string;
    retention_ms: number;
    /** Of its redrive policy: who looks for the sources of a dead-letter queue asks for it. */
    dead_letter_arn: string | null;
    /** FIFO: counts its messages; who changes one holds this row. */
    sequence: number;
    /** Epoch milliseconds; null before the first purge. */
    purged_at: number | null;
    body: string;
  };
  /** Queues that are gone: what is left of their messages goes too, and their names rest a while. */
  sqs_deleted_queue: {
    id: string;
    account_id: string;
    region: string;
    name: string;
    deleted_at: number;
  };
  sqs_message: MessageRow;
  /** FIFO: a row as long as the group has messages. */
  sqs_group: {
    queue_id: string;
    group_id: string;
    /** Epoch milliseconds; from when on the group may be received from. */
    visible_at: number;
    /** `seq` of its first message when this was written. */
    head: string;
  };
  sqs_deduplication: KeptRow;
  sqs_attempt: KeptRow;
  sqs_move_task: {
    id: string;
    queue_id: string;
    started_at: number;
    status: string;
    body: string;
  };
};

/** All times in epoch milliseconds. */
export interface MessageRow {
  queue_id: string;
  /** Its place in the queue: 29 digits and letters that go up with time, or FIFO's sequence number of 20. */
  seq: string;
  message_id: string;
  /** FIFO alone. */
  group_id: string | null;
  visible_at: number;
  sent_at: number;
  receive_count: number;
  received_at: number | null;
  first_received_at: number | null;
  /** Of the last receive; null before the first. */
  receipt: string | null;
  /** ARN of the queue out of which it came here as a dead letter. */
  source_arn: string | null;
  body: string;
}

/** What a FIFO queue remembers for five minutes. */
interface KeptRow {
  queue_id: string;
  key: string;
  expires_at: number;
  body: string;
}

export const tables = (db: Db | Tx) => db.withTables<SqsTables>();

/** The statements of this service stand alone, or hold the row of a FIFO queue. */
export const READ_COMMITTED = { isolation: 'read committed' } as const;
