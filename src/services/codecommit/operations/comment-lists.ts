import type { Comment as CommentView } from '@aws-sdk/client-codecommit';
import { page } from '../../../kit/pages.ts';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { commitIdRequired, repositoryDoesNotExist, repositoryNameRequired } from '../errors.ts';
import { needCommit } from '../history/commits.ts';
import { limits } from '../limits.ts';
import { byPlace, type Comment, commentView, placeView } from '../model/comment.ts';
import { onPullRequest } from '../resources/pull-request.ts';
import { opened, repository } from '../resources/repository.ts';
import { countReactions, listComments } from '../store/comments.ts';
import { findRepositoryById, type RepositoryRecord } from '../store/repositories.ts';
import { asked, checkCommitId, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';
import { checkRepositoryOf } from './review-arguments.ts';

/** A page of comments by their places, each with its reactions. */
async function shownPage(
  ctx: ServiceContext,
  input: { nextToken?: string | undefined; maxResults?: number | undefined },
  repositoryId: string,
  load: (after: number | undefined, limit: number) => Promise<Comment[]>,
) {
  const limit = checkMaxResults(input.maxResults, limits.mostCommentsPage, {
    usual: limits.commentsPage,
  });
  const { items, nextToken } = await page(
    ctx,
    asked(input, limit, repositoryId),
    load,
    ({ sequence }) => sequence,
  );
  const ids = items.map(({ commentId }) => commentId);
  const reactions = await countReactions(ctx.db, ids, ctx.principal.arn);
  const shown = (comment: Comment): CommentView =>
    commentView(comment, reactions.get(comment.commentId));
  const places = byPlace(items).map((group) => ({
    ...placeView(group[0] as Comment),
    comments: group.map(shown),
  }));
  return { places, ...(nextToken && { nextToken }) };
}

/** CC-CO-05 */
export const getCommentsForComparedCommit = codecommit(
  'getCommentsForComparedCommit',
  on(repository, ({ repositoryName }) => repositoryName),
  async (ctx, input, record) => {
    const { repositoryId } = record;
    const afterCommit = checkCommitId(input.afterCommitId);
    const beforeCommit = input.beforeCommitId ? checkCommitId(input.beforeCommitId) : '';
    await checkCommits(ctx, record, [beforeCommit, afterCommit]);
    const { places, ...next } = await shownPage(ctx, input, repositoryId, (after, limit) =>
      listComments(ctx.db, { on: { repositoryId }, beforeCommit, afterCommit, after, limit }),
    );
    return { commentsForComparedCommitData: places, ...next };
  },
);

/** @throws CommitDoesNotExistException, and the exceptions of encryption keys */
async function checkCommits(
  ctx: ServiceContext,
  record: RepositoryRecord,
  ids: readonly string[],
): Promise<void> {
  const git = await opened(ctx, record);
  for (const id of ids) if (id !== '') await needCommit(git, id);
}

/** CC-CO-06: of a comparison, where repository and both commits are named; otherwise of all of them. */
export const getCommentsForPullRequest = codecommit(
  'getCommentsForPullRequest',
  onPullRequest,
  async (ctx, input, pr) => {
    const { repositoryName, beforeCommitId, afterCommitId } = input;
    const named = [repositoryName, beforeCommitId, afterCommitId].some(Boolean);
    if (named && !repositoryName) throw repositoryNameRequired();
    if (named && !(beforeCommitId && afterCommitId)) throw commitIdRequired();
    const beforeCommit = beforeCommitId ? checkCommitId(beforeCommitId) : undefined;
    const afterCommit = afterCommitId ? checkCommitId(afterCommitId) : undefined;
    if (named) {
      checkRepositoryOf(pr, repositoryName);
      const record = await findRepositoryById(ctx.db, pr.repositoryId);
      if (!record) throw repositoryDoesNotExist(repositoryName ?? '');
      await checkCommits(ctx, record, [beforeCommit ?? '', afterCommit ?? '']);
    }
    const { accountId, region, number: pullRequest } = pr;
    const { places, ...next } = await shownPage(ctx, input, pr.repositoryId, (after, limit) =>
      listComments(ctx.db, {
        ...{ on: { accountId, region, pullRequest }, beforeCommit, afterCommit, after, limit },
      }),
    );
    return { commentsForPullRequestData: places, ...next };
  },
);
