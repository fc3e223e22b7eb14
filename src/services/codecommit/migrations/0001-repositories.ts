import type { Migration } from '../../../db/database.ts';

export const repositories: Migration = {
  name: '0001-repositories',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_repository')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('repository_id', 'text', (c) => c.notNull().unique())
      .addColumn('description', 'text')
      .addColumn('default_branch', 'text')
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addColumn('modified', 'bigint', (c) => c.notNull())
      .addColumn('generation', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_repository_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createIndex('codecommit_repository_by_name')
      .on('codecommit_repository')
      .column('name')
      .execute();
    await tx.schema
      .createTable('codecommit_reference')
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('object_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_reference_pk', ['repository_id', 'name'])
      .execute();
    await tx.schema
      .createTable('codecommit_change')
      .addColumn('change_id', 'text', (c) => c.primaryKey())
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('started', 'bigint', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('codecommit_change_by_repository')
      .on('codecommit_change')
      .column('repository_id')
      .execute();
  },
};
