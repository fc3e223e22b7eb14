import type { Migration } from '../../../db/database.ts';

/** Messages that are owed to queues and topics. */
export const notifications: Migration = {
  name: '0003-notifications',
  async up(tx) {
    await tx.schema
      .createTable('s3_notification')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('destination', 'text', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('s3_notification_order')
      .on('s3_notification')
      .columns(['destination', 'sequence'])
      .execute();
  },
};
