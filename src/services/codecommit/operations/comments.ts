import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  type Comment,
  type CommentBody,
  commentView,
  namesOf,
  placeView,
  threadOf,
} from '../model/comment.ts';
import { commentEvent } from '../model/comment-events.ts';
import type { PullRequest } from '../model/pull-request.ts';
import { onComment, onParent } from '../resources/comment.ts';
import { onPullRequest } from '../resources/pull-request.ts';
import { atRepository, openRepository, repository } from '../resources/repository.ts';
import {
  commentDeleted,
  commentDoesNotExist,
  commentNotCreatedByCaller,
} from '../reviews/errors.ts';
import {
  findComment,
  findCommentByToken,
  insertComment,
  listReactions,
  saveComment,
} from '../store/comments.ts';
import { findPullRequest, savePullRequest } from '../store/pull-requests.ts';
import { findRepositoryById, repositoryArn } from '../store/repositories.ts';
import { checkCommitId } from './arguments.ts';
import { checkComment, findCompared, findPlace } from './comment-places.ts';
import { codecommit } from './declare.ts';
import { checkRepositoryOf, checkToken, requestOf, sameRequest } from './review-arguments.ts';

/** A comment as the caller sees it now. */
export async function shownComment(ctx: ServiceContext, comment: Comment) {
  const reactions = await listReactions(ctx.db, [comment.commentId]);
  return commentView(comment, reactions.get(comment.commentId) ?? [], ctx.principal.arn);
}

export const arnOf = (comment: Comment) =>
  repositoryArn({ ...comment, name: comment.repositoryName });

type New = Pick<
  Comment,
  'repositoryId' | 'repositoryName' | 'pullRequest' | 'beforeCommit' | 'afterCommit'
> & { thread: string } & Pick<
    CommentBody,
    'content' | 'inReplyTo' | 'location' | 'beforeBlobId' | 'afterBlobId'
  >;

/** The comment that the caller has made with this token before. @throws IdempotencyParameterMismatchException */
async function madeBefore(
  ctx: ServiceContext,
  tx: Tx,
  requestToken: string | undefined,
  request: string,
): Promise<Comment | undefined> {
  if (requestToken === undefined) return undefined;
  const { accountId, region, principal } = ctx;
  const by = { accountId, region, authorArn: principal.arn, requestToken };
  const found = await findCommentByToken(tx, by);
  return found && sameRequest(found, request);
}

/** Writes a comment and announces it; one that was made with the same token is left as it is. */
async function post(
  ctx: ServiceContext,
  { requestToken, request }: { requestToken: string | undefined; request: string },
  made: New,
): Promise<Comment> {
  const { accountId, region, principal, clock } = ctx;
  const { thread, content, inReplyTo, location, beforeBlobId, afterBlobId, ...where } = made;
  const commentId = `${thread}:${randomUUID()}`;
  const now = clock.now();
  return ctx.transaction(async (tx) => {
    const before = await madeBefore(ctx, tx, requestToken, request);
    if (before) return before;
    const record = await findRepositoryById(tx, where.repositoryId);
    if (!record) throw repository.notFound(repository.locate(ctx, where.repositoryName));
    await insertComment(tx, {
      ...{ ...where, repositoryName: record.name, commentId, accountId, region, requestToken },
      ...{ authorArn: principal.arn, created: now },
      body: {
        ...{ content, deleted: false, modified: now, inReplyTo, request },
        ...{ location, beforeBlobId, afterBlobId },
      },
    });
    const comment = (await findComment(tx, commentId)) as Comment;
    const pr =
      where.pullRequest === undefined
        ? undefined
        : await findPullRequest(tx, { accountId, region, number: where.pullRequest });
    if (pr) await savePullRequest(tx, { ...pr, activity: now });
    await tell(ctx, tx, comment, 'Created');
    return comment;
  });
}

const tell = (ctx: ServiceContext, tx: Tx, comment: Comment, deed: 'Created' | 'Updated') =>
  ctx.events.publish(
    tx,
    commentEvent(comment, arnOf(comment), deed, {
      ...{ actorArn: ctx.principal.arn, endpoint: publicUrl(ctx) },
      ...namesOf(ctx.principal),
    }),
  );

/** CC-CO-01 */
export const postCommentForComparedCommit = codecommit(
  'postCommentForComparedCommit',
  atRepository,
  async (ctx, input, located) => {
    const { location } = input;
    const content = checkComment(input.content);
    const requestToken = checkToken(input.clientRequestToken);
    const afterCommitId = checkCommitId(input.afterCommitId);
    const beforeCommitId = input.beforeCommitId ? checkCommitId(input.beforeCommitId) : undefined;
    const { repositoryId, name } = await need(ctx.db, repository, located);
    const request = requestOf([repositoryId, beforeCommitId, afterCommitId, location, content]);
    const token = { requestToken, request };
    const before = await madeBefore(ctx, ctx.db, requestToken, request);
    const comment =
      before ??
      (await post(ctx, token, {
        ...{ repositoryId, repositoryName: name, pullRequest: undefined, thread: randomUUID() },
        content,
        ...(await foundPlace(ctx, name, { beforeCommitId, afterCommitId, location })),
      }));
    return { ...placeView(comment), comment: await shownComment(ctx, comment) };
  },
);

/** Where a comment stands, once its commits and its file are known to be there. */
async function foundPlace(
  ctx: ServiceContext,
  repositoryName: string,
  {
    beforeCommitId,
    afterCommitId,
    location,
  }: {
    beforeCommitId: string | undefined;
    afterCommitId: string;
    location: Parameters<typeof findPlace>[2];
  },
) {
  const { git } = await openRepository(ctx, repository.locate(ctx, repositoryName));
  const commits = { afterCommitId, ...(beforeCommitId !== undefined && { beforeCommitId }) };
  const compared = await findCompared(git, commits);
  const place = await findPlace(git, compared, location);
  return { beforeCommit: beforeCommitId ?? '', afterCommit: afterCommitId, ...place };
}

/** CC-CO-02 */
export const postCommentForPullRequest = codecommit(
  'postCommentForPullRequest',
  onPullRequest,
  async (ctx, input, pr: PullRequest) => {
    const { location } = input;
    checkRepositoryOf(pr, input.repositoryName);
    const content = checkComment(input.content);
    const requestToken = checkToken(input.clientRequestToken);
    const beforeCommitId = checkCommitId(input.beforeCommitId);
    const afterCommitId = checkCommitId(input.afterCommitId);
    const { repositoryId, repositoryName, number: pullRequest } = pr;
    const request = requestOf([pullRequest, beforeCommitId, afterCommitId, location, content]);
    const token = { requestToken, request };
    const before = await madeBefore(ctx, ctx.db, requestToken, request);
    const comment =
      before ??
      (await post(ctx, token, {
        ...{ repositoryId, repositoryName, pullRequest, thread: randomUUID(), content },
        ...(await foundPlace(ctx, repositoryName, { beforeCommitId, afterCommitId, location })),
      }));
    return { ...placeView(comment), comment: await shownComment(ctx, comment) };
  },
);

/** CC-CO-03: a reply stands where its parent does. */
export const postCommentReply = codecommit(
  'postCommentReply',
  onParent,
  async (ctx, input, parent) => {
    const content = checkComment(input.content);
    const requestToken = checkToken(input.clientRequestToken);
    const { commentId: inReplyTo, body } = parent;
    const request = requestOf([inReplyTo, content]);
    const { location, beforeBlobId, afterBlobId } = body;
    const { repositoryId, repositoryName, pullRequest, beforeCommit, afterCommit } = parent;
    const comment = await post(
      ctx,
      { requestToken, request },
      {
        ...{ repositoryId, repositoryName, pullRequest, beforeCommit, afterCommit },
        ...{ thread: threadOf(inReplyTo), content, inReplyTo },
        ...{ location, beforeBlobId, afterBlobId },
      },
    );
    return { comment: await shownComment(ctx, comment) };
  },
);

/** @throws CommentDeletedException */
export function checkThere(comment: Comment): Comment {
  if (comment.body.deleted) throw commentDeleted();
  return comment;
}

/** CC-CO-04 */
export const getComment = codecommit('getComment', onComment, async (ctx, _input, comment) => ({
  comment: await shownComment(ctx, checkThere(comment)),
}));

async function change(
  ctx: ServiceContext,
  { commentId }: Comment,
  changed: (comment: Comment) => Partial<CommentBody>,
  told: boolean,
) {
  const comment = await ctx.transaction(async (tx) => {
    const found = await findComment(tx, commentId);
    if (!found) throw commentDoesNotExist();
    const body = { ...found.body, modified: ctx.clock.now(), ...changed(checkThere(found)) };
    const saved = { ...found, body };
    await saveComment(tx, saved);
    if (told) await tell(ctx, tx, saved, 'Updated');
    return saved;
  });
  return { comment: await shownComment(ctx, comment) };
}

/** CC-CO-07: for its author alone. */
export const updateComment = codecommit('updateComment', onComment, async (ctx, input, found) => {
  const content = checkComment(input.content);
  const mine = ({ authorArn }: Comment) => {
    if (authorArn !== ctx.principal.arn) throw commentNotCreatedByCaller();
    return { content };
  };
  return change(ctx, found, mine, true);
});

/** CC-CO-08: who may do it is for policies to say; replies and reactions stay. */
export const deleteCommentContent = codecommit(
  'deleteCommentContent',
  onComment,
  async (ctx, _input, found) => change(ctx, found, () => ({ content: '', deleted: true }), false),
);
