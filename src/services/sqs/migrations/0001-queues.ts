import type { Migration, Tx } from '../../../db/database.ts';

export const queues: Migration = {
  name: '0001-queues',
  async up(tx) {
    await makeQueues(tx);
    await makeMessages(tx);
    await makeFifo(tx);
  },
};

async function makeQueues(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('sqs_queue')
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('retention_ms', 'bigint', (c) => c.notNull())
    .addColumn('dead_letter_arn', 'text')
    .addColumn('sequence', 'bigint', (c) => c.notNull())
    .addColumn('purged_at', 'bigint')
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sqs_queue_pk', ['account_id', 'region', 'name'])
    .execute();
  await tx.schema
    .createIndex('sqs_queue_dead_letter')
    .on('sqs_queue')
    .columns(['dead_letter_arn'])
    .execute();
  await tx.schema
    .createTable('sqs_deleted_queue')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint', (c) => c.notNull())
    .execute();
  await tx.schema
    .createTable('sqs_move_task')
    .addColumn('id', 'text', (c) => c.notNull().primaryKey())
    .addColumn('queue_id', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();
  await tx.schema
    .createIndex('sqs_move_task_queue')
    .on('sqs_move_task')
    .columns(['queue_id', 'started_at'])
    .execute();
}

/** Without a reference to their queue, so that a send looks at nothing else; `sqs/clean` takes those whose queue is gone. */
async function makeMessages(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('sqs_message')
    .addColumn('queue_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'text', (c) => c.notNull())
    .addColumn('message_id', 'text', (c) => c.notNull())
    .addColumn('group_id', 'text')
    .addColumn('visible_at', 'bigint', (c) => c.notNull())
    .addColumn('sent_at', 'bigint', (c) => c.notNull())
    .addColumn('receive_count', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'bigint')
    .addColumn('first_received_at', 'bigint')
    .addColumn('receipt', 'text')
    .addColumn('source_arn', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sqs_message_pk', ['queue_id', 'seq'])
    .execute();
  await tx.schema
    .createIndex('sqs_message_visible')
    .on('sqs_message')
    .columns(['queue_id', 'visible_at'])
    .execute();
}

async function makeFifo(tx: Tx): Promise<void> {
  await tx.schema
    .createIndex('sqs_message_group')
    .on('sqs_message')
    .columns(['queue_id', 'group_id', 'seq'])
    .where('group_id', 'is not', null)
    .execute();
  await tx.schema
    .createTable('sqs_group')
    .addColumn('queue_id', 'text', (c) => c.notNull())
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('visible_at', 'bigint', (c) => c.notNull())
    .addColumn('head', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sqs_group_pk', ['queue_id', 'group_id'])
    .execute();
  await tx.schema
    .createIndex('sqs_group_visible')
    .on('sqs_group')
    .columns(['queue_id', 'visible_at', 'head'])
    .execute();
  for (const table of ['sqs_deduplication', 'sqs_attempt']) {
    await tx.schema
      .createTable(table)
      .addColumn('queue_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint(`${table}_pk`, ['queue_id', 'key'])
      .execute();
    await tx.schema.createIndex(`${table}_expires`).on(table).columns(['expires_at']).execute();
  }
}
