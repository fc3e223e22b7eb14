import type { Migration } from '../../../db/database.ts';

export const pipelines: Migration = {
  name: '0001-pipelines',
  async up(tx) {
    await tx.schema
      .createTable('codepipeline_pipeline')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('pipeline_id', 'text', (c) => c.notNull().unique())
      .addColumn('arn', 'text', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addColumn('updated', 'bigint', (c) => c.notNull())
      .addColumn('next_ordinal', 'bigint', (c) => c.notNull())
      .addColumn('pipeline_type', 'text', (c) => c.notNull())
      .addColumn('execution_mode', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_pipeline_pk', ['account_id', 'region', 'name'])
      .execute();
    await tx.schema
      .createTable('codepipeline_version')
      .addColumn('pipeline_id', 'text', (c) =>
        c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
      )
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('updated', 'bigint', (c) => c.notNull())
      .addColumn('declaration', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_version_pk', ['pipeline_id', 'version'])
      .execute();
    await tx.schema
      .createTable('codepipeline_source')
      .addColumn('pipeline_id', 'text', (c) =>
        c.notNull().references('codepipeline_pipeline.pipeline_id').onDelete('cascade'),
      )
      .addColumn('action_name', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('provider', 'text', (c) => c.notNull())
      .addColumn('resource', 'text', (c) => c.notNull())
      .addColumn('item', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codepipeline_source_pk', ['pipeline_id', 'action_name'])
      .execute();
    await tx.schema
      .createIndex('codepipeline_source_by_resource')
      .on('codepipeline_source')
      .columns(['account_id', 'region', 'provider', 'resource'])
      .execute();
  },
};
