import type { Migration } from '../../../db/database.ts';

/** When report groups were changed last: lists are in that order too. Until now nobody could change one. */
export const reportGroups: Migration = {
  name: '0004-report-groups',
  async up(tx) {
    await tx.schema
      .alterTable('codebuild_report_group')
      .addColumn('modified_at', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute();
    await tx
      .withTables<{ codebuild_report_group: { created_at: number; modified_at: number } }>()
      .updateTable('codebuild_report_group')
      .set((e) => ({ modified_at: e.ref('created_at') }))
      .execute();
  },
};
