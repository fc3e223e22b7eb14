import type { Migration } from '../../../db/database.ts';

/** Subscription filters, what has been put into their groups and not been delivered, and destinations for other accounts. */
export const subscriptions: Migration = {
  name: '0007-subscriptions',
  async up(tx) {
    // How many a group has, so that a put into one without any asks no more.
    await tx.schema
      .alterTable('logs_group')
      .addColumn('subscriptions', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await tx.schema
      .createTable('logs_subscription')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('group_id', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('attempts', 'integer', (c) => c.notNull())
      .addColumn('retry_at', 'bigint', (c) => c.notNull())
      .addColumn('skip_until', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('logs_subscription_name')
      .unique()
      .on('logs_subscription')
      .columns(['account_id', 'region', 'group_name', 'name'])
      .execute();
    await tx.schema
      .createIndex('logs_subscription_group')
      .on('logs_subscription')
      .columns(['group_id'])
      .execute();
    await tx.schema
      .createTable('logs_subscription_backlog')
      .addColumn('subscription_id', 'text', (c) => c.notNull())
      .addColumn('added_at', 'bigint', (c) => c.notNull())
      .addColumn('chunk_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_subscription_backlog_pk', [
        ...(['subscription_id', 'added_at', 'chunk_id'] as const),
      ])
      .execute();
    await tx.schema
      .createTable('logs_destination')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('logs_destination_pk', ['account_id', 'region', 'name'])
      .execute();
  },
};
