import type { Migration } from '../../../db/database.ts';

/** Instances of blue/green deployments are of one side or the other; zonal deployments go by their zones. */
export const targetLabels: Migration = {
  name: '0004-target-labels',
  async up(tx) {
    for (const column of ['label', 'zone'])
      await tx.schema.alterTable('codedeploy_target').addColumn(column, 'text').execute();
  },
};
