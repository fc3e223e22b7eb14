import type { Migration } from '../../../db/database.ts';

export const loadBalancers: Migration = {
  name: '0001-load-balancers',
  async up({ schema }) {
    await schema
      .createTable('elb_balancer')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      // The loopback address of its listeners: of one balancer in the whole database.
      .addColumn('address', 'text', (c) => c.notNull().unique())
      // Another one each time that one is made, also by the name of one that was deleted.
      .addColumn('creation', 'text', (c) => c.notNull())
      // Counts up with each change that its listeners have to know.
      .addColumn('revision', 'bigint', (c) => c.notNull())
      // The last revision that its listeners follow.
      .addColumn('applied', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('elb_balancer_name', ['account_id', 'region', 'name'])
      .execute();
    // Which certificates listeners have: one that is used is not deleted.
    await schema
      .createTable('elb_certificate')
      .addColumn('balancer_arn', 'text', (c) =>
        c.notNull().references('elb_balancer.arn').onDelete('cascade'),
      )
      .addColumn('certificate_arn', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elb_certificate_pk', ['balancer_arn', 'certificate_arn'])
      .execute();
    await schema
      .createIndex('elb_certificate_arn')
      .on('elb_certificate')
      .column('certificate_arn')
      .execute();
    await schema
      .createTable('elb_instance')
      .addColumn('balancer_arn', 'text', (c) =>
        c.notNull().references('elb_balancer.arn').onDelete('cascade'),
      )
      .addColumn('instance_id', 'text', (c) => c.notNull())
      // Epoch ms; null while it is registered.
      .addColumn('drains_until', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elb_instance_pk', ['balancer_arn', 'instance_id'])
      .execute();
  },
};
