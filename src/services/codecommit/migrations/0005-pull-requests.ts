import type { Migration } from '../../../db/database.ts';

/**
 * Pull requests, with the numbers that accounts have given out. What happened to one is a row each, and so is each of its
 * revisions, which outlive it in no case but as history: all goes with the repository.
 */
export const pullRequests: Migration = {
  name: '0005-pull-requests',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_pull_request_counter')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('last_number', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_pull_request_counter_pk', ['account_id', 'region'])
      .execute();
    await tx.schema
      .createTable('codecommit_pull_request')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('pull_request', 'bigint', (c) => c.notNull())
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('author_arn', 'text', (c) => c.notNull())
      .addColumn('request_token', 'text')
      .addColumn('source_reference', 'text', (c) => c.notNull())
      .addColumn('source_commit', 'text', (c) => c.notNull())
      .addColumn('destination_reference', 'text', (c) => c.notNull())
      .addColumn('destination_commit', 'text', (c) => c.notNull())
      .addColumn('merging_commits', 'text', (c) => c.notNull())
      .addColumn('revision_id', 'text', (c) => c.notNull())
      .addColumn('activity', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_pull_request_pk', [
        'account_id',
        'region',
        'pull_request',
      ])
      .addUniqueConstraint('codecommit_pull_request_token', [
        'account_id',
        'region',
        'author_arn',
        'request_token',
      ])
      .execute();
    await tx.schema
      .createIndex('codecommit_pull_request_by_repository')
      .on('codecommit_pull_request')
      .columns(['repository_id', 'status', 'activity'])
      .execute();
    const ofPullRequest = (table: string) =>
      tx.schema
        .createTable(table)
        .addColumn('account_id', 'text', (c) => c.notNull())
        .addColumn('region', 'text', (c) => c.notNull())
        .addColumn('pull_request', 'bigint', (c) => c.notNull())
        .addForeignKeyConstraint(
          `${table}_of`,
          ['account_id', 'region', 'pull_request'],
          'codecommit_pull_request',
          ['account_id', 'region', 'pull_request'],
          (c) => c.onDelete('cascade'),
        );
    const key = ['account_id', 'region', 'pull_request'] as const;
    await ofPullRequest('codecommit_pull_request_event')
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('actor_arn', 'text', (c) => c.notNull())
      .addColumn('happened', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_pull_request_event_pk', [...key, 'sequence'])
      .execute();
    await ofPullRequest('codecommit_revision')
      .addColumn('revision_id', 'text', (c) => c.notNull())
      .addColumn('overrider_arn', 'text')
      .addPrimaryKeyConstraint('codecommit_revision_pk', [...key, 'revision_id'])
      .execute();
    await ofPullRequest('codecommit_approval')
      .addColumn('revision_id', 'text', (c) => c.notNull())
      .addColumn('user_arn', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_approval_pk', [...key, 'revision_id', 'user_arn'])
      .execute();
  },
};
