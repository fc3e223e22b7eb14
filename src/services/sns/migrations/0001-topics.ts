import type { Migration } from '../../../db/database.ts';

export const topics: Migration = {
  name: '0001-topics',
  async up(tx) {
    await tx.schema
      .createTable('sns_topic')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      // Of the last message, on FIFO topics.
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('deleted_subscriptions', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('sns_topic_name', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('sns_subscription')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('topic_arn', 'text', (c) =>
        c.notNull().references('sns_topic.arn').onDelete('cascade'),
      )
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('protocol', 'text', (c) => c.notNull())
      .addColumn('endpoint', 'text', (c) => c.notNull())
      // Of the token that confirms it, or has; null where none was needed.
      .addColumn('token_hash', 'text')
      // When it goes unless it is confirmed; null once it is.
      .addColumn('expires_at', 'bigint')
      // Which reconciler delivers: a target that keeps deliveries waiting is in a lane of its own.
      .addColumn('lane', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await index(tx, 'sns_subscription_owner', 'sns_subscription', ['account_id', 'region', 'arn']);
    await index(tx, 'sns_subscription_topic', 'sns_subscription', ['topic_arn', 'arn']);
    await index(tx, 'sns_subscription_expires', 'sns_subscription', ['expires_at']);
    await tx.schema
      .createTable('sns_message')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createTable('sns_delivery')
      .addColumn('subscription_arn', 'text', (c) => c.notNull())
      .addColumn('message_id', 'text', (c) => c.notNull())
      // The order of messages within a subscription.
      .addColumn('place', 'text', (c) => c.notNull())
      // Within a group one message after the other: a hash of the message group, or the message itself.
      .addColumn('group_key', 'text', (c) => c.notNull())
      .addColumn('due_at', 'bigint', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('sns_delivery_pk', ['subscription_arn', 'message_id'])
      .execute();
    await index(tx, 'sns_delivery_due', 'sns_delivery', ['subscription_arn', 'due_at', 'place']);
    await index(tx, 'sns_delivery_group', 'sns_delivery', [
      'subscription_arn',
      'group_key',
      'place',
    ]);
    await index(tx, 'sns_delivery_message', 'sns_delivery', ['message_id']);
    await tx.schema
      .createTable('sns_deduplication')
      .addColumn('topic_arn', 'text', (c) =>
        c.notNull().references('sns_topic.arn').onDelete('cascade'),
      )
      // Hash of the deduplication id, and of the group where it counts within groups.
      .addColumn('key_hash', 'text', (c) => c.notNull())
      .addColumn('message_id', 'text', (c) => c.notNull())
      .addColumn('sequence_number', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('sns_deduplication_pk', ['topic_arn', 'key_hash'])
      .execute();
    await index(tx, 'sns_deduplication_expires', 'sns_deduplication', ['topic_arn', 'expires_at']);
    await tx.schema
      .createTable('sns_signer')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('sealed_key', 'text', (c) => c.notNull())
      .execute();
  },
};

function index(
  tx: Parameters<Migration['up']>[0],
  name: string,
  table: string,
  columns: string[],
): Promise<void> {
  return tx.schema.createIndex(name).on(table).columns(columns).execute();
}
