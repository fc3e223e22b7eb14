import type { Migration } from '../../../db/database.ts';

export const launchTemplates: Migration = {
  name: '0002-launch-templates',
  async up({ schema }) {
    await schema
      .createTable('ec2_launch_template')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('client_token', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_launch_template_pk', ['account_id', 'region', 'id'])
      .addUniqueConstraint('ec2_launch_template_name', ['account_id', 'region', 'name'])
      .execute();
    await schema
      .createTable('ec2_launch_template_version')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('template_id', 'text', (c) => c.notNull())
      .addColumn('number', 'integer', (c) => c.notNull())
      .addColumn('client_token', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_launch_template_version_pk', [
        ...(['account_id', 'region', 'template_id', 'number'] as const),
      ])
      .execute();
    await schema
      .createTable('ec2_key_pair')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_key_pair_pk', ['account_id', 'region', 'id'])
      .addUniqueConstraint('ec2_key_pair_name', ['account_id', 'region', 'name'])
      .execute();
  },
};
