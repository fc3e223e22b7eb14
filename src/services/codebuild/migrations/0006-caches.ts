import type { Migration } from '../../../db/database.ts';

/** Which of a project's caches counts: InvalidateProjectCache begins another. */
export const caches: Migration = {
  name: '0006-caches',
  async up(tx) {
    await tx.schema
      .alterTable('codebuild_project')
      .addColumn('cache_version', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
