import type { Migration } from '../../../db/database.ts';

/** Templates of approval rules, and the repositories whose pull requests get rules of them. */
export const approvalRuleTemplates: Migration = {
  name: '0006-approval-rule-templates',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_template')
      .addColumn('template_id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('codecommit_template_name', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('codecommit_template_repository')
      .addColumn('template_id', 'text', (c) =>
        c.notNull().references('codecommit_template.template_id').onDelete('cascade'),
      )
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('codecommit_template_repository_pk', [
        'template_id',
        'repository_id',
      ])
      .execute();
    await tx.schema
      .createIndex('codecommit_template_by_repository')
      .on('codecommit_template_repository')
      .column('repository_id')
      .execute();
  },
};
