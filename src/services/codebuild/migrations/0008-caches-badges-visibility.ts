import type { Migration } from '../../../db/database.ts';

/** What a server keeps itself of projects' caches; badges by branch; the names under which projects are public. */
export const localCaches: Migration = {
  name: '0008-caches-badges-visibility',
  async up(tx) {
    await tx.schema
      .createTable('codebuild_local_cache')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('project_name', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('scope', 'text', (c) => c.notNull())
      .addColumn('holder', 'text')
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('used_at', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codebuild_local_cache_pk', ['account_id', 'region', 'id'])
      .execute();
    await tx.schema
      .createIndex('codebuild_local_cache_scope')
      .on('codebuild_local_cache')
      .columns(['scope', 'kind'])
      .execute();
    await tx.schema.alterTable('codebuild_project').addColumn('badge_token', 'text').execute();
    await tx.schema.alterTable('codebuild_project').addColumn('public_alias', 'text').execute();
    for (const column of ['badge_token', 'public_alias'] as const)
      await tx.schema
        .createIndex(`codebuild_project_${column}`)
        .unique()
        .on('codebuild_project')
        .column(column)
        .execute();
    await tx.schema.alterTable('codebuild_build').addColumn('source_version', 'text').execute();
    await tx.schema
      .createIndex('codebuild_build_source_version')
      .on('codebuild_build')
      .columns(['account_id', 'region', 'project_name', 'source_version', 'build_number'])
      .execute();
  },
};
