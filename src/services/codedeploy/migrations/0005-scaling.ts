import type { Migration } from '../../../db/database.ts';

/** Lifecycle hooks that deployment groups have put on Auto Scaling groups, and the instances that they hold. */
export const scaling: Migration = {
  name: '0005-scaling',
  async up(tx) {
    await tx.schema
      .createTable('codedeploy_hook')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('hook', 'text', (c) => c.notNull())
      .addColumn('group_id', 'text', (c) => c.notNull())
      .addColumn('scaling_group', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codedeploy_hook_pk', ['account_id', 'region', 'hook'])
      .execute();
    await tx.schema
      .createIndex('codedeploy_hook_group')
      .on('codedeploy_hook')
      .column('group_id')
      .execute();
    await tx.schema
      .createTable('codedeploy_hold')
      .addColumn('token', 'text', (c) => c.primaryKey())
      .addColumn('deployment_id', 'text')
      .addColumn('body', 'text', (c) => c.notNull())
      .execute();
    await tx.schema
      .createIndex('codedeploy_hold_deployment')
      .on('codedeploy_hold')
      .column('deployment_id')
      .execute();
  },
};
