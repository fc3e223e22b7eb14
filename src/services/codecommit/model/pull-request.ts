import { createHash } from 'node:crypto';
import type {
  MergeMetadata,
  MergeOptionTypeEnum,
  PullRequest as PullRequestView,
} from '@aws-sdk/client-codecommit';
import { type ApprovalRule, ruleView } from './approval-rule.ts';

/** A pull request, and how callers see it. Pure. */

export interface PullRequestKey {
  accountId: string;
  region: string;
  /** Unique in account and region; callers see it as text. */
  number: number;
}

export type PullRequestStatus = 'OPEN' | 'CLOSED';

/** A merge: begun, when its commit is made and nothing can speak against it any more; done, when the branch is at the commit. */
export interface Merge {
  mergedBy: string;
  option: MergeOptionTypeEnum;
  /** Where the destination is moved to. */
  commitId: string;
  /** What is merged, and into what. */
  sourceCommit: string;
  destinationCommit: string;
}

/** What of a pull request no SQL looks at. */
export interface PullRequestBody {
  title: string;
  description?: string | undefined;
  created: Date;
  /** What was asked for when it was made, as a hash: the same token may only ask for the same again. */
  request: string;
  /** Counts revisions: their ids come of it. */
  revision: number;
  /** Counts what has happened. */
  events: number;
  /** The best common ancestor of the source and the destination commit that it was looked for with. */
  mergeBase?: { commitId: string | undefined; destinationCommit: string } | undefined;
  rules: ApprovalRule[];
  /** Those that have begun and of which it is not known yet how they ended, the oldest first. */
  merging?: Merge[] | undefined;
  merged?: Merge | undefined;
}

export interface PullRequest extends PullRequestKey {
  repositoryId: string;
  repositoryName: string;
  status: PullRequestStatus;
  authorArn: string;
  requestToken: string | undefined;
  sourceReference: string;
  sourceCommit: string;
  destinationReference: string;
  destinationCommit: string;
  revisionId: string;
  activity: Date;
  body: PullRequestBody;
}

/** The id of a revision: opaque, and another one for each push to the source branch (CC-LIF-02). */
export function revisionIdOf(
  { accountId, region, number }: PullRequestKey,
  revision: number,
  sourceCommit: string,
): string {
  const text = [accountId, region, number, revision, sourceCommit].join(' ');
  return createHash('sha256').update(text).digest('hex');
}

export const isRevisionId = (text: string) => /^[0-9a-f]{64}$/.test(text);

/** A number as callers write it, or undefined for what is none. */
export function numberOf(pullRequestId: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(pullRequestId) ? Number(pullRequestId) : undefined;
}

export function mergeView(merge: Merge | undefined): MergeMetadata {
  if (!merge) return { isMerged: false };
  const { mergedBy, commitId, option } = merge;
  return { isMerged: true, mergedBy, mergeCommitId: commitId, mergeOption: option };
}

export function pullRequestView(pr: PullRequest): PullRequestView {
  const { body } = pr;
  return {
    pullRequestId: `${pr.number}`,
    title: body.title,
    ...(body.description !== undefined && { description: body.description }),
    lastActivityDate: pr.activity,
    creationDate: body.created,
    pullRequestStatus: pr.status,
    authorArn: pr.authorArn,
    pullRequestTargets: [
      {
        repositoryName: pr.repositoryName,
        sourceReference: pr.sourceReference,
        destinationReference: pr.destinationReference,
        destinationCommit: pr.destinationCommit,
        sourceCommit: pr.sourceCommit,
        ...(body.mergeBase?.commitId && { mergeBase: body.mergeBase.commitId }),
        mergeMetadata: mergeView(body.merged),
      },
    ],
    ...(pr.requestToken !== undefined && { clientRequestToken: pr.requestToken }),
    revisionId: pr.revisionId,
    approvalRules: body.rules.map(ruleView),
  };
}
