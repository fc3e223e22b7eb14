import type { NewEvent } from '../../../engine/events.ts';
import { consoleUrl } from '../../../lib/console-url.ts';
import type { Comment } from './comment.ts';
import type { Reaction } from './reactions.ts';

/** Comments and reactions as they are announced (CC-EVT-05, CC-EVT-06, CC-EVT-09). Pure. */

/** Who has done it, and where users reach this server. */
export interface Doer {
  actorArn: string;
  displayName?: string;
  emailAddress?: string;
  endpoint: string;
}

const ofRepository = (comment: Comment, repositoryArn: string) => ({
  source: 'aws.codecommit',
  account: comment.accountId,
  region: comment.region,
  resources: [repositoryArn],
});

export function commentEvent(
  comment: Comment,
  repositoryArn: string,
  deed: 'Created' | 'Updated',
  doer: Doer,
): NewEvent {
  const { commentId, pullRequest, beforeCommit, afterCommit, repositoryName, body } = comment;
  const { actorArn, displayName, emailAddress, endpoint } = doer;
  const onPullRequest = pullRequest !== undefined;
  const fragment = onPullRequest
    ? `/repository/${repositoryName}/pull-request/${pullRequest}/activity#${commentId}`
    : `/repository/${repositoryName}/compare/${beforeCommit}...${afterCommit}#${commentId}`;
  const who = [
    ...(displayName === undefined ? [] : [`The display name for the user is ${displayName}.`]),
    ...(emailAddress === undefined ? [] : [`The email address for the user is ${emailAddress}.`]),
    `The user ${actorArn} ${deed === 'Created' ? 'made' : 'updated'} a comment or replied to a comment.`,
  ];
  const where = onPullRequest
    ? `on the following Pull Request: ${pullRequest}`
    : `on the following comment ID: ${commentId}`;
  return {
    ...ofRepository(comment, repositoryArn),
    'detail-type': onPullRequest
      ? 'CodeCommit Comment on Pull Request'
      : 'CodeCommit Comment on Commit',
    detail: {
      ...(beforeCommit !== '' && { beforeCommitId: beforeCommit }),
      repositoryId: comment.repositoryId,
      ...(body.inReplyTo !== undefined && { inReplyTo: body.inReplyTo }),
      notificationBody: `A comment event occurred in the following AWS CodeCommit repository: ${repositoryName}. ${who.join(' ')} The comment was made ${where}. For more information, go to the AWS CodeCommit console ${consoleUrl(endpoint, 'codecommit', comment.region, fragment)}`,
      commentId,
      afterCommitId: afterCommit,
      event: onPullRequest ? `commentOnPullRequest${deed}` : `commentOnCommit${deed}`,
      repositoryName,
      callerUserArn: actorArn,
      ...(onPullRequest && { pullRequestId: `${pullRequest}` }),
      ...(displayName !== undefined && { displayName }),
      ...(emailAddress !== undefined && { emailAddress }),
    },
  };
}

export function reactionEvent(
  comment: Comment,
  repositoryArn: string,
  { emoji, shortCode, unicode }: Reaction,
  { deed, actorArn }: { deed: 'Created' | 'Updated'; actorArn: string },
): NewEvent {
  const { commentId, repositoryId, repositoryName } = comment;
  const done =
    deed === 'Created'
      ? `made a comment reaction ${emoji} to`
      : `updated a reaction :${shortCode}: to`;
  return {
    ...ofRepository(comment, repositoryArn),
    'detail-type': 'CodeCommit Comment Reaction Change',
    detail: {
      callerUserArn: actorArn,
      commentId,
      event: `commentReaction${deed}`,
      notificationBody: `A comment reaction event occurred in the following AWS CodeCommit Repository: ${repositoryName}. The user: ${actorArn} ${done} the comment with comment ID: ${commentId}`,
      reactionEmojis: [emoji],
      reactionShortcodes: [`:${shortCode}:`],
      reactionUnicodes: [unicode],
      repositoryId,
      repositoryName,
    },
  };
}
