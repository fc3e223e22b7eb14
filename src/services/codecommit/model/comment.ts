import type { Comment as CommentView, Location } from '@aws-sdk/client-codecommit';
import type { Principal } from '../../../aws/principal.ts';
import { findReaction } from './reactions.ts';

/** A comment on a comparison of commits or on a pull request, and how callers see it. Pure. */

export interface CommentBody {
  content: string;
  deleted: boolean;
  modified: Date;
  inReplyTo?: string | undefined;
  /** The place in a file; a comment without one is on the comparison as a whole. */
  location?: Location | undefined;
  beforeBlobId?: string | undefined;
  afterBlobId?: string | undefined;
  /** What was asked for when it was made, as a hash: the same token may only ask for the same again. */
  request: string;
}

export interface Comment {
  commentId: string;
  accountId: string;
  region: string;
  repositoryId: string;
  repositoryName: string;
  /** The number of its pull request. */
  pullRequest: number | undefined;
  /** Empty for a comment on a commit that has none before it. */
  beforeCommit: string;
  afterCommit: string;
  authorArn: string;
  requestToken: string | undefined;
  /** Counts the comments of its repository. */
  sequence: number;
  created: Date;
  body: CommentBody;
}

/** Who has reacted to a comment, and how: a short code of reactions.ts. */
export interface GivenReaction {
  userArn: string;
  reaction: string;
}

/** How all have reacted to a comment, by short codes, and how one of them has. */
export interface GivenReactions {
  counts: readonly (readonly [reaction: string, count: number])[];
  own: string | undefined;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const COMMENT_ID = new RegExp(`^${UUID}:${UUID}$`);

/** An id has two parts: that of the thread, which all replies have in common, and the comment's own. */
export const isCommentId = (text: string) => COMMENT_ID.test(text);
export const threadOf = (commentId: string) => commentId.slice(0, commentId.indexOf(':'));

export function commentView(
  comment: Comment,
  { counts, own }: GivenReactions = { counts: [], own: undefined },
): CommentView {
  const { body } = comment;
  const named = counts.map(([reaction, count]) => [findReaction(reaction)?.name, count] as const);
  const caller = own === undefined ? undefined : findReaction(own)?.name;
  return {
    commentId: comment.commentId,
    ...(!body.deleted && { content: body.content }),
    ...(body.inReplyTo !== undefined && { inReplyTo: body.inReplyTo }),
    creationDate: comment.created,
    lastModifiedDate: body.modified,
    authorArn: comment.authorArn,
    deleted: body.deleted,
    ...(comment.requestToken !== undefined && { clientRequestToken: comment.requestToken }),
    callerReactions: caller === undefined ? [] : [caller],
    reactionCounts: Object.fromEntries(named.filter(([name]) => name !== undefined)),
  };
}

/** What comments on one place of one comparison have in common, as answers have it around them. */
export function placeView(comment: Comment) {
  const { body, pullRequest } = comment;
  return {
    ...(pullRequest !== undefined && { pullRequestId: `${pullRequest}` }),
    repositoryName: comment.repositoryName,
    ...(comment.beforeCommit !== '' && { beforeCommitId: comment.beforeCommit }),
    afterCommitId: comment.afterCommit,
    ...(body.beforeBlobId !== undefined && { beforeBlobId: body.beforeBlobId }),
    ...(body.afterBlobId !== undefined && { afterBlobId: body.afterBlobId }),
    ...(body.location && { location: body.location }),
  };
}

/** Comments by their places, in the order in which these come first; each place once. */
export function byPlace(comments: readonly Comment[]): Comment[][] {
  const keyOf = ({ beforeCommit, afterCommit, body: { location } }: Comment) =>
    JSON.stringify([
      ...[beforeCommit, afterCommit, location?.filePath],
      ...[location?.filePosition, location?.relativeFileVersion],
    ]);
  return [...Map.groupBy(comments, keyOf).values()];
}

/** How the caller's identity provider calls him, by session tags (CC-SEC-04). */
export function namesOf(principal: Principal): { displayName?: string; emailAddress?: string } {
  const tags = 'terms' in principal ? (principal.terms?.tags ?? []) : [];
  const tag = (name: string) => tags.find(({ Key }) => Key === name)?.Value;
  const displayName = tag('displayName');
  const emailAddress = tag('emailAddress');
  return {
    ...(displayName !== undefined && { displayName }),
    ...(emailAddress !== undefined && { emailAddress }),
  };
}
