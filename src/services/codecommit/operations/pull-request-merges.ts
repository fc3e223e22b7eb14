import type { MergeOptionTypeEnum } from '@aws-sdk/client-codecommit';
import { isAwsError } from '../../../aws/errors.ts';
import { isObjectId } from '../../../git/names.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidCommitId, invalidFileMode } from '../errors.ts';
import { announceReferences } from '../history/references.ts';
import { manualMergeRequired } from '../merges/errors.ts';
import { mergeInto } from '../merges/merge.ts';
import { checkMergeSettings, type MergeSettings } from '../merges/request.ts';
import { branchOf } from '../model/names.ts';
import type { Merge, PullRequest } from '../model/pull-request.ts';
import { onDestination } from '../resources/pull-request.ts';
import { openRepository, repository } from '../resources/repository.ts';
import {
  pullRequestAlreadyClosed,
  pullRequestApprovalRulesNotSatisfied,
  pullRequestDoesNotExist,
  tipOfSourceReferenceIsDifferent,
} from '../reviews/errors.ts';
import { findPullRequest, savePullRequest } from '../store/pull-requests.ts';
import { evaluationOf } from './approvals.ts';
import { codecommit } from './declare.ts';
import { changePullRequest, checkOpen, shownPullRequest } from './pull-requests.ts';
import { checkRepositoryOf } from './review-arguments.ts';

/** Begun merges of a pull request that are remembered: more have not begun at once, but been left by servers that died. */
const MOST_MERGES = 100;

interface Asked {
  repositoryName?: string | undefined;
  sourceCommitId?: string | undefined;
}

/** @throws RepositoryNotAssociatedWithPullRequest, InvalidCommitId … exceptions */
function checkAsked(pr: PullRequest, { repositoryName, sourceCommitId }: Asked): void {
  checkRepositoryOf(pr, repositoryName);
  if (sourceCommitId && !isObjectId(sourceCommitId)) throw invalidCommitId();
}

/**
 * Merges an open pull request whose rules are satisfied, and closes it (CC-LIF-05, CC-PR-08 to CC-PR-10).
 *
 * What speaks against it is asked in the transaction that says which commit the destination is moved to, before it moves:
 * whoever then sees the destination at this commit (`follow`) closes the pull request as merged, also after a crash, and also
 * where somebody has closed it meanwhile.
 */
async function merge(
  ctx: ServiceContext,
  found: PullRequest,
  {
    option,
    settings,
    sourceCommitId,
  }: {
    option: MergeOptionTypeEnum;
    settings?: MergeSettings;
    sourceCommitId: string | undefined;
  },
) {
  checkOpen(found);
  const opened = await openRepository(ctx, repository.locate(ctx, found.repositoryName));
  const { sourceReference, destinationReference, repositoryId } = found;
  // Pushes that have not been announced yet make a new revision, which nobody has approved.
  await announceReferences(ctx, repositoryId);
  const pr = checkOpen(await again(ctx, found));
  if (sourceCommitId && sourceCommitId !== pr.sourceCommit) throw tipOfSourceReferenceIsDifferent();
  const { approved } = await evaluationOf(ctx.db, pr);
  if (!approved) throw pullRequestApprovalRulesNotSatisfied();
  const nameOf = (reference: string) => branchOf(reference) ?? reference;
  let begun: Merge | undefined;
  try {
    await mergeInto(ctx, {
      ...{ repository: opened, option, ...(settings && { settings }) },
      ...{ source: pr.sourceCommit, destination: pr.destinationCommit },
      branch: nameOf(destinationReference),
      names: { source: nameOf(sourceReference), destination: nameOf(destinationReference) },
      async begun(tx, { commitId }) {
        const now = await findPullRequest(tx, pr);
        if (!now) throw pullRequestDoesNotExist();
        if (checkOpen(now).sourceCommit !== pr.sourceCommit)
          throw tipOfSourceReferenceIsDifferent();
        if (!(await evaluationOf(tx, now)).approved) throw pullRequestApprovalRulesNotSatisfied();
        const { sourceCommit, destinationCommit } = pr;
        begun = {
          ...{ mergedBy: ctx.principal.arn, option, commitId, sourceCommit, destinationCommit },
        };
        const merging = [...(now.body.merging ?? []), begun].slice(-MOST_MERGES);
        await savePullRequest(tx, { ...now, body: { ...now.body, merging } });
      },
    });
  } catch (error) {
    // Of a fast-forward it is not declared: whose history is too long for git is not one that can be told.
    if (option === 'FAST_FORWARD_MERGE' && isAwsError(error, 'TipsDivergenceExceededException'))
      throw manualMergeRequired();
    // After any other failure the branch may have moved: then it is for the next look to see the merge to its end.
    if (begun && isAwsError(error, 'ConcurrentReferenceUpdateException'))
      await forget(ctx, pr, begun);
    // Whoever was faster with the same pull request has closed it.
    if ((await again(ctx, pr)).status === 'CLOSED') throw pullRequestAlreadyClosed();
    throw error;
  }
  let done = await again(ctx, pr);
  if (!done.body.merged) {
    // There was nothing to merge, so that no branch has moved.
    await announceReferences(ctx, repositoryId);
    done = await again(ctx, pr);
  }
  return shownPullRequest(ctx, done);
}

/** Merges of pull requests declare one error of modes. @throws those of `checkMergeSettings` */
function settingsOf(input: Parameters<typeof checkMergeSettings>[0]): MergeSettings {
  try {
    return checkMergeSettings(input);
  } catch (error) {
    throw isAwsError(error, 'FileModeRequiredException') ? invalidFileMode() : error;
  }
}

async function again(ctx: ServiceContext, pr: PullRequest): Promise<PullRequest> {
  const found = await findPullRequest(ctx.db, pr);
  if (!found) throw pullRequestDoesNotExist();
  return found;
}

/** Takes back that a merge has begun: one, where others make the same commit. */
async function forget(ctx: ServiceContext, pr: PullRequest, begun: Merge): Promise<void> {
  await changePullRequest(ctx, pr, async (tx, now) => {
    const { merging = [], ...body } = now.body;
    const index = merging.findIndex(({ commitId }) => commitId === begun.commitId);
    if (index < 0) return;
    await savePullRequest(tx, { ...now, body: { ...body, merging: merging.toSpliced(index, 1) } });
  });
}

/** CC-PR-08 */
export const mergePullRequestByFastForward = codecommit(
  'mergePullRequestByFastForward',
  onDestination,
  async (ctx, input, pr) => {
    checkAsked(pr, input);
    const { sourceCommitId } = input;
    return merge(ctx, pr, { option: 'FAST_FORWARD_MERGE', sourceCommitId });
  },
);

/** CC-PR-09 */
export const mergePullRequestBySquash = codecommit(
  'mergePullRequestBySquash',
  onDestination,
  async (ctx, input, pr) => {
    checkAsked(pr, input);
    const { sourceCommitId } = input;
    const settings = settingsOf(input);
    return merge(ctx, pr, { option: 'SQUASH_MERGE', settings, sourceCommitId });
  },
);

/** CC-PR-10 */
export const mergePullRequestByThreeWay = codecommit(
  'mergePullRequestByThreeWay',
  onDestination,
  async (ctx, input, pr) => {
    checkAsked(pr, input);
    const { sourceCommitId } = input;
    const settings = settingsOf(input);
    return merge(ctx, pr, { option: 'THREE_WAY_MERGE', settings, sourceCommitId });
  },
);
