import type { Migration } from '../../../db/database.ts';

/** Rules of conditions run as actions do; and which revisions a source has brought. */
export const rules: Migration = {
  name: '0003-rules',
  async up(tx) {
    await tx.schema
      .alterTable('codepipeline_action')
      .addColumn('kind', 'text', (c) => c.notNull().defaultTo('action'))
      .execute();
    await tx.schema
      .createTable('codepipeline_revision')
      .addColumn('pipeline_id', 'text', (c) =>
        c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
      )
      .addColumn('action_name', 'text', (c) => c.notNull())
      .addColumn('revision_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_revision_pk', [
        'pipeline_id',
        'action_name',
        'revision_id',
      ])
      .execute();
  },
};
