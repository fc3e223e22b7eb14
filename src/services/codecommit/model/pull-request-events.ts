import type { PullRequestEvent, PullRequestEventType } from '@aws-sdk/client-codecommit';
import type { NewEvent } from '../../../engine/events.ts';
import { consoleUrl } from '../../../lib/console-url.ts';
import type { ApprovalRule } from './approval-rule.ts';
import { contentSha256 } from './approval-rule-content.ts';
import { dateText } from './date-text.ts';
import { type Merge, mergeView, type PullRequest } from './pull-request.ts';

/**
 * What happens to pull requests: as their history has it (CC-LIF-07), and as it is announced (CC-EVT-07). Pure.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */

/** An entry of a pull request's history. `metadata`: the one member that goes with the type. */
export interface PullRequestHappening {
  type: PullRequestEventType;
  actorArn: string;
  happened: Date;
  metadata: Omit<
    PullRequestEvent,
    'pullRequestId' | 'eventDate' | 'pullRequestEventType' | 'actorArn'
  >;
}

export function happeningView(
  number: number,
  { type, actorArn, happened, metadata }: PullRequestHappening,
): PullRequestEvent {
  return {
    ...{ pullRequestId: `${number}`, eventDate: happened, pullRequestEventType: type, actorArn },
    ...metadata,
  };
}

/** Something that somebody has done to a pull request. */
export type Deed =
  | { deed: 'created' }
  | { deed: 'sourceUpdated' }
  | { deed: 'closed' }
  | { deed: 'merged'; merge: Merge }
  | { deed: 'ruleCreated' | 'ruleUpdated' | 'ruleDeleted'; rule: ApprovalRule }
  | { deed: 'overridden'; status: 'OVERRIDE' | 'REVOKE' }
  | { deed: 'approval'; state: 'APPROVE' | 'REVOKE' };

/** What the history says of a deed, and what its event says: `detail.event`, the end of its text and members of its own. */
interface Words {
  type: PullRequestEventType;
  metadata: PullRequestHappening['metadata'];
  event: string;
  text: string;
  more: Record<string, string>;
}

/** What the deed has made of the pull request is in `pr`. */
function wordsOf(pr: PullRequest, actorArn: string, deed: Deed): Words {
  const { number, revisionId, body } = pr;
  switch (deed.deed) {
    case 'created':
      return {
        type: 'PULL_REQUEST_CREATED',
        metadata: {
          pullRequestCreatedEventMetadata: {
            repositoryName: pr.repositoryName,
            sourceCommitId: pr.sourceCommit,
            destinationCommitId: pr.destinationCommit,
            mergeBase: body.mergeBase?.commitId,
          },
        },
        event: 'pullRequestCreated',
        text: `User: ${actorArn}. Event: Created. The pull request was created with the following information: Pull Request ID as ${number} and title as ${body.title}.`,
        more: {},
      };
    case 'sourceUpdated':
      return {
        type: 'PULL_REQUEST_SOURCE_REFERENCE_UPDATED',
        metadata: {
          // The tips of both branches, as the model has it: what is compared to see the pull request as it is now.
          pullRequestSourceReferenceUpdatedEventMetadata: {
            repositoryName: pr.repositoryName,
            beforeCommitId: pr.destinationCommit,
            afterCommitId: pr.sourceCommit,
            mergeBase: body.mergeBase?.commitId,
          },
        },
        event: 'pullRequestSourceBranchUpdated',
        text: `User: ${actorArn}. Event: Updated.  The user updated the following pull request: ${number}. The pull request was updated with one or more commits to the source branch: ${pr.sourceReference.slice('refs/heads/'.length)}.`,
        more: {},
      };
    case 'closed':
      return {
        type: 'PULL_REQUEST_STATUS_CHANGED',
        metadata: { pullRequestStatusChangedEventMetadata: { pullRequestStatus: 'CLOSED' } },
        event: 'pullRequestStatusChanged',
        text: `${actorArn} updated the following PullRequest ${number}. The pull request status has been updated. The status is closed.`,
        more: {},
      };
    case 'merged':
      return {
        type: 'PULL_REQUEST_MERGE_STATE_CHANGED',
        metadata: {
          pullRequestMergedStateChangedEventMetadata: {
            repositoryName: pr.repositoryName,
            destinationReference: pr.destinationReference,
            mergeMetadata: mergeView(deed.merge),
          },
        },
        event: 'pullRequestMergeStatusUpdated',
        text: `${actorArn} updated the following PullRequest ${number}. The pull request merge status has been updated. The status is merged.`,
        more: { mergeOption: deed.merge.option },
      };
    case 'overridden':
      return {
        type: 'PULL_REQUEST_APPROVAL_RULE_OVERRIDDEN',
        metadata: {
          approvalRuleOverriddenEventMetadata: { revisionId, overrideStatus: deed.status },
        },
        event: 'pullRequestApprovalRuleOverridden',
        text: `User: ${actorArn}. Event: Updated. Pull request name: ${number}. Additional information: An override event has occurred for the approval rules for this pull request. Override status: ${deed.status}.`,
        more: { overrideStatus: deed.status },
      };
    case 'approval':
      return {
        type: 'PULL_REQUEST_APPROVAL_STATE_CHANGED',
        metadata: { approvalStateChangedEventMetadata: { revisionId, approvalStatus: deed.state } },
        event: 'pullRequestApprovalStateChanged',
        text: `User: ${actorArn}. Event: Updated. Pull request name: ${number}. Additional information: A user has changed their approval state for the pull request. State change: ${deed.state}.`,
        more: { approvalStatus: deed.state },
      };
    default:
      return ruleWords(pr, actorArn, deed);
  }
}

/** AWS's own words, which differ from one to the next. */
const RULE_DEEDS = {
  ruleCreated: {
    type: 'PULL_REQUEST_APPROVAL_RULE_CREATED',
    event: 'pullRequestApprovalRuleCreated',
    text: (number: number, name: string) =>
      `Event: Updated. Pull request: ${number}. Additional information: An approval rule has been created with the following name: ${name}.`,
  },
  ruleUpdated: {
    type: 'PULL_REQUEST_APPROVAL_RULE_UPDATED',
    event: 'pullRequestApprovalRuleUpdated',
    text: (number: number, name: string) =>
      `Event: Updated. Pull request name: ${number}. The content of an approval rule has been updated for the pull request. The name of the updated rule is: ${name}.`,
  },
  ruleDeleted: {
    type: 'PULL_REQUEST_APPROVAL_RULE_DELETED',
    event: 'pullRequestApprovalRuleDeleted',
    text: (number: number, name: string) =>
      `Event: Created. Pull request: ${number}. Additional information: An approval rule has been deleted: ${name} was deleted.`,
  },
} as const;

function ruleWords(
  pr: PullRequest,
  actorArn: string,
  { deed, rule }: { deed: keyof typeof RULE_DEEDS; rule: ApprovalRule },
): Words {
  const { type, event, text } = RULE_DEEDS[deed];
  const { id: approvalRuleId, name: approvalRuleName, content } = rule;
  return {
    ...{ type, event, text: `User: ${actorArn}. ${text(pr.number, approvalRuleName)}` },
    metadata: {
      approvalRuleEventMetadata: {
        ...{ approvalRuleName, approvalRuleId, approvalRuleContent: content },
      },
    },
    more: {
      ...{ approvalRuleContentSha256: contentSha256(content), approvalRuleId, approvalRuleName },
    },
  };
}

/** The entry that a deed makes in the history. */
export function happeningOf(pr: PullRequest, actorArn: string, deed: Deed): PullRequestHappening {
  const { type, metadata } = wordsOf(pr, actorArn, deed);
  return { type, metadata, actorArn, happened: pr.activity };
}

/** The event by which a deed is announced. @param endpoint under which users reach this server */
export function pullRequestEvent(
  pr: PullRequest,
  repository: { arn: string },
  { actorArn, deed, endpoint }: { actorArn: string; deed: Deed; endpoint: string },
): NewEvent {
  const { event, text, more } = wordsOf(pr, actorArn, deed);
  const fragment = `/repository/${pr.repositoryName}/pull-request/${pr.number}`;
  const link = consoleUrl(endpoint, 'codecommit', pr.region, fragment);
  return {
    source: 'aws.codecommit',
    'detail-type': 'CodeCommit Pull Request State Change',
    account: pr.accountId,
    region: pr.region,
    resources: [repository.arn],
    detail: {
      ...more,
      author: pr.authorArn,
      callerUserArn: actorArn,
      creationDate: dateText(pr.body.created),
      ...(pr.body.description !== undefined && { description: pr.body.description }),
      destinationCommit: pr.destinationCommit,
      destinationReference: pr.destinationReference,
      event,
      isMerged: pr.body.merged ? 'True' : 'False',
      lastModifiedDate: dateText(pr.activity),
      notificationBody: `A pull request event occurred in the following AWS CodeCommit repository: ${pr.repositoryName}. ${text} For more information, go to the AWS CodeCommit console ${link}`,
      pullRequestId: `${pr.number}`,
      pullRequestStatus: pr.status === 'OPEN' ? 'Open' : 'Closed',
      repositoryNames: [pr.repositoryName],
      revisionId: pr.revisionId,
      sourceCommit: pr.sourceCommit,
      sourceReference: pr.sourceReference,
      title: pr.body.title,
    },
  };
}
