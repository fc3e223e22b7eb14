import type { Migration } from '../../../db/database.ts';

/** Comments on comparisons of commits and on pull requests, in the order in which they were made, and reactions to them. */
export const comments: Migration = {
  name: '0007-comments',
  async up(tx) {
    await tx.schema
      .createTable('codecommit_comment')
      .addColumn('comment_id', 'text', (c) => c.primaryKey())
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .addColumn('repository_id', 'text', (c) =>
        c.notNull().references('codecommit_repository.repository_id').onDelete('cascade'),
      )
      .addColumn('pull_request', 'bigint')
      .addColumn('before_commit', 'text', (c) => c.notNull())
      .addColumn('after_commit', 'text', (c) => c.notNull())
      .addColumn('author_arn', 'text', (c) => c.notNull())
      .addColumn('request_token', 'text')
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('created', 'bigint', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addUniqueConstraint('codecommit_comment_token', [
        'account_id',
        'region',
        'author_arn',
        'request_token',
      ])
      .execute();
    await tx.schema
      .createIndex('codecommit_comment_on_commits')
      .on('codecommit_comment')
      .columns(['repository_id', 'after_commit', 'sequence'])
      .execute();
    await tx.schema
      .createIndex('codecommit_comment_on_pull_request')
      .on('codecommit_comment')
      .columns(['account_id', 'region', 'pull_request', 'sequence'])
      .execute();
    await tx.schema
      .createIndex('codecommit_comment_in_order')
      .on('codecommit_comment')
      .columns(['repository_id', 'sequence'])
      .execute();
    await tx.schema
      .createTable('codecommit_reaction')
      .addColumn('comment_id', 'text', (c) =>
        c.notNull().references('codecommit_comment.comment_id').onDelete('cascade'),
      )
      .addColumn('user_arn', 'text', (c) => c.notNull())
      .addColumn('reaction', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('codecommit_reaction_pk', ['comment_id', 'user_arn'])
      .execute();
  },
};
