import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Comment, GivenReaction, GivenReactions } from '../model/comment.ts';
import { on } from './repositories.ts';
import type { ReviewTables } from './review-tables.ts';

/** SQL about comments and reactions to them. */

type Row = ReviewTables['codecommit_comment'] & { repository_name: string };

function comment(row: Row): Comment {
  return {
    commentId: row.comment_id,
    accountId: row.account_id,
    region: row.region,
    repositoryId: row.repository_id,
    repositoryName: row.repository_name,
    pullRequest: row.pull_request === null ? undefined : Number(row.pull_request),
    beforeCommit: row.before_commit,
    afterCommit: row.after_commit,
    authorArn: row.author_arn,
    requestToken: row.request_token ?? undefined,
    sequence: Number(row.sequence),
    created: new Date(Number(row.created)),
    body: decodeJson(row.body),
  };
}

const select = (tx: Tx) =>
  on(tx)
    .selectFrom('codecommit_comment as c')
    .innerJoin('codecommit_repository as r', 'r.repository_id', 'c.repository_id')
    .selectAll('c')
    .select('r.name as repository_name');

export async function findComment(tx: Tx, commentId: string): Promise<Comment | undefined> {
  const row = await select(tx).where('c.comment_id', '=', commentId).executeTakeFirst();
  return row && comment(row);
}

/** The one that this caller has made with this token. */
export async function findCommentByToken(
  tx: Tx,
  by: { accountId: string; region: string; authorArn: string; requestToken: string },
): Promise<Comment | undefined> {
  const row = await select(tx)
    .where('c.account_id', '=', by.accountId)
    .where('c.region', '=', by.region)
    .where('c.author_arn', '=', by.authorArn)
    .where('c.request_token', '=', by.requestToken)
    .executeTakeFirst();
  return row && comment(row);
}

/** Writes a comment behind all others of its repository. */
export async function insertComment(tx: Tx, made: Omit<Comment, 'sequence'>): Promise<void> {
  const last = await on(tx)
    .selectFrom('codecommit_comment')
    .select('sequence')
    .where('repository_id', '=', made.repositoryId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  await on(tx)
    .insertInto('codecommit_comment')
    .values({
      comment_id: made.commentId,
      account_id: made.accountId,
      region: made.region,
      repository_id: made.repositoryId,
      pull_request: made.pullRequest ?? null,
      before_commit: made.beforeCommit,
      after_commit: made.afterCommit,
      author_arn: made.authorArn,
      request_token: made.requestToken ?? null,
      sequence: Number(last?.sequence ?? 0) + 1,
      created: made.created.getTime(),
      body: encodeJson(made.body),
    })
    .execute();
}

export async function saveComment(tx: Tx, { commentId, body }: Comment): Promise<void> {
  await on(tx)
    .updateTable('codecommit_comment')
    .set({ body: encodeJson(body) })
    .where('comment_id', '=', commentId)
    .execute();
}

/** Comments on a comparison, or on a pull request (of one comparison where commits are named), the oldest first. */
export async function listComments(
  tx: Tx,
  query: {
    on:
      | { repositoryId: string }
      | { accountId: string; region: string; pullRequest: number; repositoryId?: undefined };
    beforeCommit: string | undefined;
    afterCommit: string | undefined;
    /** The sequence of the last one of the page before. */
    after: number | undefined;
    limit: number;
  },
): Promise<Comment[]> {
  const where = query.on;
  let rows = select(tx);
  if (query.after !== undefined) rows = rows.where('c.sequence', '>', query.after);
  rows =
    where.repositoryId === undefined
      ? rows
          .where('c.account_id', '=', where.accountId)
          .where('c.region', '=', where.region)
          .where('c.pull_request', '=', where.pullRequest)
      : rows.where('c.repository_id', '=', where.repositoryId).where('c.pull_request', 'is', null);
  if (query.beforeCommit !== undefined)
    rows = rows.where('c.before_commit', '=', query.beforeCommit);
  if (query.afterCommit !== undefined) rows = rows.where('c.after_commit', '=', query.afterCommit);
  const found = await rows.orderBy('c.sequence').limit(query.limit).execute();
  return found.map(comment);
}

/** How often each reaction was given to comments, and which one this user has given. */
export async function countReactions(
  tx: Tx,
  commentIds: readonly string[],
  userArn: string,
): Promise<Map<string, GivenReactions>> {
  if (commentIds.length === 0) return new Map();
  const its = on(tx).selectFrom('codecommit_reaction').where('comment_id', 'in', commentIds);
  const counts = await its
    .select(['comment_id', 'reaction'])
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .groupBy(['comment_id', 'reaction'])
    .orderBy('reaction')
    .execute();
  const own = await its
    .select(['comment_id', 'reaction'])
    .where('user_arn', '=', userArn)
    .execute();
  const ownOf = new Map(own.map((row) => [row.comment_id, row.reaction]));
  return new Map(
    [...Map.groupBy(counts, (row) => row.comment_id)].map(([commentId, rows]) => [
      commentId,
      {
        counts: rows.map((row) => [row.reaction, Number(row.count)] as const),
        own: ownOf.get(commentId),
      },
    ]),
  );
}

/** Who has reacted to a comment, in order of users: all, or one user. */
export async function listReactions(
  tx: Tx,
  commentId: string,
  userArn: string | undefined,
): Promise<GivenReaction[]> {
  const all = on(tx)
    .selectFrom('codecommit_reaction')
    .selectAll()
    .where('comment_id', '=', commentId);
  const asked = userArn === undefined ? all : all.where('user_arn', '=', userArn);
  const rows = await asked.orderBy('user_arn').execute();
  return rows.map((row) => ({ userArn: row.user_arn, reaction: row.reaction }));
}

/** Sets how somebody reacts to a comment, or takes it away. @returns how he did before */
export async function setReaction(
  tx: Tx,
  commentId: string,
  userArn: string,
  reaction: string | undefined,
): Promise<string | undefined> {
  const before = await on(tx)
    .selectFrom('codecommit_reaction')
    .select('reaction')
    .where('comment_id', '=', commentId)
    .where('user_arn', '=', userArn)
    .executeTakeFirst();
  if (reaction === undefined) {
    await on(tx)
      .deleteFrom('codecommit_reaction')
      .where('comment_id', '=', commentId)
      .where('user_arn', '=', userArn)
      .execute();
  } else {
    await on(tx)
      .insertInto('codecommit_reaction')
      .values({ comment_id: commentId, user_arn: userArn, reaction })
      .onConflict((c) => c.columns(['comment_id', 'user_arn']).doUpdateSet({ reaction }))
      .execute();
  }
  return before?.reaction;
}
