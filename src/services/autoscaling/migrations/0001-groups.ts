import type { Migration } from '../../../db/database.ts';

export const groups: Migration = {
  name: '0001-groups',
  async up({ schema }) {
    const table = (name: string) =>
      schema
        .createTable(`autoscaling_${name}`)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull());
    await table('group')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('autoscaling_group_pk', ['account_id', 'region', 'name'])
      .execute();
    await table('member')
      .addColumn('slot', 'text', (c) => c.notNull())
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('instance_id', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('autoscaling_member_pk', ['account_id', 'region', 'slot'])
      .addUniqueConstraint('autoscaling_member_instance', ['account_id', 'region', 'instance_id'])
      .execute();
    await schema
      .createIndex('autoscaling_member_group')
      .on('autoscaling_member')
      .columns(['account_id', 'region', 'group_name'])
      .execute();
    for (const name of ['activity', 'refresh']) {
      await table(name)
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('group_name', 'text', (c) => c.notNull())
        .addColumn('group_id', 'text', (c) => c.notNull())
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint(`autoscaling_${name}_pk`, ['account_id', 'region', 'id'])
        .execute();
      await schema
        .createIndex(`autoscaling_${name}_group`)
        .on(`autoscaling_${name}`)
        .columns(['account_id', 'region', 'group_name', 'started_at'])
        .execute();
    }
    await table('configuration')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('autoscaling_configuration_pk', ['account_id', 'region', 'name'])
      .execute();
    await table('delivery')
      .addColumn('id', 'text', (c) => c.notNull().primaryKey())
      .addColumn('group_arn', 'text', (c) => c.notNull())
      .addColumn('made_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
  },
};
