import type { Migration } from '../../../db/database.ts';

export const sandboxCommands: Migration = {
  name: '0009-sandbox-commands',
  async up(tx) {
    await tx.schema
      .createTable('codebuild_command')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('sandbox_id', 'text', (c) => c.notNull())
      .addColumn('number', 'bigint', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('asked', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_command_pk', [
        'account_id',
        'region',
        'sandbox_id',
        'number',
      ])
      .execute();
    await tx.schema
      .createIndex('codebuild_command_asked')
      .on('codebuild_command')
      .column('asked')
      .execute();
  },
};
