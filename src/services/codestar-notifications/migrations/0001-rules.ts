import type { Migration } from '../../../db/database.ts';

export const rules: Migration = {
  name: '0001-rules',
  async up(tx) {
    const ofAccount = (table: string) =>
      tx.schema
        .createTable(table)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull());
    await ofAccount('codestar_notifications_rule')
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codestar_notifications_rule_pk', ['account_id', 'region', 'id'])
      .addUniqueConstraint('codestar_notifications_rule_name', ['account_id', 'region', 'name'])
      .execute();
    await ofAccount('codestar_notifications_target')
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codestar_notifications_target_pk', [
        ...(['account_id', 'region', 'address'] as const),
      ])
      .execute();
    await ofAccount('codestar_notifications_revision')
      .addColumn('revision', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codestar_notifications_revision_pk', ['account_id', 'region'])
      .execute();
    await tx.schema
      .createTable('codestar_notifications_heard')
      .addColumn('event_id', 'text', (c) => c.primaryKey())
      .addColumn('heard_at', 'bigint', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('codestar_notifications_heard_at')
      .on('codestar_notifications_heard')
      .columns(['heard_at'])
      .execute();
    await tx.schema
      .createTable('codestar_notifications_delivery')
      .addColumn('queue', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codestar_notifications_delivery_pk', ['queue', 'position'])
      .execute();
  },
};
