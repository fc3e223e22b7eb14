import type { Migration } from '../../../db/database.ts';

export const loadBalancers: Migration = {
  name: '0001-load-balancers',
  async up(tx) {
    await tx.schema
      .createTable('elbv2_balancer')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      // The loopback address of its listeners: of one balancer in the whole database.
      .addColumn('address', 'text', (c) => c.notNull().unique())
      // Counts up with each change that its listeners have to know.
      .addColumn('revision', 'bigint', (c) => c.notNull())
      // The last revision that its listeners follow.
      .addColumn('applied', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('elbv2_balancer_name', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('elbv2_group')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('elbv2_group_name', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('elbv2_listener')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('balancer_arn', 'text', (c) =>
        c.notNull().references('elbv2_balancer.arn').onDelete('cascade'),
      )
      .addColumn('port', 'integer', (c) => c.notNull())
      // Why its port is not open.
      .addColumn('problem', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('elbv2_listener_port', ['balancer_arn', 'port'])
      .execute();
    await tx.schema
      .createTable('elbv2_rule')
      .addColumn('arn', 'text', (c) => c.primaryKey())
      .addColumn('listener_arn', 'text', (c) =>
        c.notNull().references('elbv2_listener.arn').onDelete('cascade'),
      )
      // The default rule's is above all others.
      .addColumn('priority', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('elbv2_rule_priority', ['listener_arn', 'priority'])
      .execute();
    // Which groups a rule's actions forward to: a group is used while there is one, and by one balancer.
    await tx.schema
      .createTable('elbv2_forward')
      .addColumn('rule_arn', 'text', (c) =>
        c.notNull().references('elbv2_rule.arn').onDelete('cascade'),
      )
      .addColumn('group_arn', 'text', (c) => c.notNull().references('elbv2_group.arn'))
      .addColumn('balancer_arn', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elbv2_forward_pk', ['rule_arn', 'group_arn'])
      .execute();
    await tx.schema
      .createIndex('elbv2_forward_group')
      .on('elbv2_forward')
      .columns(['group_arn', 'balancer_arn'])
      .execute();
    await tx.schema
      .createIndex('elbv2_forward_balancer')
      .on('elbv2_forward')
      .columns(['balancer_arn', 'group_arn'])
      .execute();
    await tx.schema
      .createTable('elbv2_target')
      .addColumn('group_arn', 'text', (c) =>
        c.notNull().references('elbv2_group.arn').onDelete('cascade'),
      )
      .addColumn('target_id', 'text', (c) => c.notNull())
      .addColumn('port', 'integer', (c) => c.notNull())
      // Epoch ms; null while it is registered.
      .addColumn('drains_until', 'bigint')
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elbv2_target_pk', ['group_arn', 'target_id', 'port'])
      .execute();
  },
};
