import type { Migration } from '../../../db/database.ts';

/** Policies by which projects and report groups are shared. */
export const resourcePolicies: Migration = {
  name: '0003-resource-policies',
  async up(tx) {
    for (const table of ['codebuild_project', 'codebuild_report_group'])
      await tx.schema.alterTable(table).addColumn('policy', 'text').execute();
  },
};
