import type { Migration } from '../../../db/database.ts';

export const instances: Migration = {
  name: '0001-instances',
  async up({ schema }) {
    await schema
      .createTable('ec2_instance')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('client_token', 'text')
      .addColumn('wanted_boots', 'integer', (c) => c.notNull())
      .addColumn('boots', 'integer', (c) => c.notNull())
      .addColumn('handle', 'text')
      .addColumn('address', 'text')
      .addColumn('reachable', 'integer', (c) => c.notNull())
      .addColumn('terminated_at', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_instance_pk', ['account_id', 'region', 'id'])
      .execute();
    await schema
      .createIndex('ec2_instance_token')
      .on('ec2_instance')
      .columns(['account_id', 'region', 'client_token'])
      .execute();
    await schema.createIndex('ec2_instance_state').on('ec2_instance').column('state').execute();
    await schema
      .createTable('ec2_image')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_image_pk', ['account_id', 'region', 'id'])
      .execute();
    await schema
      .createTable('ec2_security_group')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_security_group_pk', ['account_id', 'region', 'id'])
      .addUniqueConstraint('ec2_security_group_name', ['account_id', 'region', 'name'])
      .execute();
    await schema
      .createTable('ec2_tag')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('resource_id', 'text', (c) => c.notNull())
      .addColumn('tag_key', 'text', (c) => c.notNull())
      .addColumn('tag_value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('ec2_tag_pk', ['account_id', 'region', 'resource_id', 'tag_key'])
      .execute();
  },
};
