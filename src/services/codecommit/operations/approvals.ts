import type { Tx } from '../../../db/database.ts';
import { saveDeed } from '../history/pull-requests.ts';
import { limits } from '../limits.ts';
import { evaluate } from '../model/approval-rule.ts';
import type { PullRequest } from '../model/pull-request.ts';
import { onPullRequest } from '../resources/pull-request.ts';
import {
  approvalStateRequired,
  invalidApprovalState,
  invalidOverrideStatus,
  invalidRevisionId,
  maximumNumberOfApprovalsExceeded,
  overrideAlreadySet,
  overrideStatusRequired,
  pullRequestCannotBeApprovedByAuthor,
  revisionNotCurrent,
} from '../reviews/errors.ts';
import {
  deleteApproval,
  findRevision,
  insertApproval,
  listApprovers,
  setOverrider,
} from '../store/pull-request-history.ts';
import { codecommit } from './declare.ts';
import { changePullRequest, checkOpen } from './pull-requests.ts';
import { checkRevisionId } from './review-arguments.ts';

/** Whether the rules of a pull request, as it is, are satisfied or set aside. */
export async function evaluationOf(tx: Tx, pr: PullRequest) {
  const approvers = await listApprovers(tx, pr, pr.revisionId);
  const revision = await findRevision(tx, pr, pr.revisionId);
  return evaluate(pr.body.rules, approvers, revision?.overriderArn !== undefined);
}

/** @throws RevisionNotCurrentException */
function checkCurrent(pr: PullRequest, revisionId: string): PullRequest {
  if (pr.revisionId !== revisionId) throw revisionNotCurrent();
  return pr;
}

/** CC-AP-04 */
export const updatePullRequestApprovalState = codecommit(
  'updatePullRequestApprovalState',
  onPullRequest,
  async (ctx, input, found) => {
    const revisionId = checkRevisionId(input.revisionId);
    const state = input.approvalState;
    if (!state) throw approvalStateRequired();
    if (state !== 'APPROVE' && state !== 'REVOKE') throw invalidApprovalState();
    const actorArn = ctx.principal.arn;
    await changePullRequest(ctx, found, async (tx, pr) => {
      checkCurrent(checkOpen(pr), revisionId);
      const approves = state === 'APPROVE';
      if (approves && pr.authorArn === actorArn) throw pullRequestCannotBeApprovedByAuthor();
      const approvers = await listApprovers(tx, pr, revisionId);
      if (approvers.includes(actorArn) === approves) return;
      if (approves && approvers.length >= limits.approvals)
        throw maximumNumberOfApprovalsExceeded();
      const set = approves ? insertApproval : deleteApproval;
      await set(tx, pr, revisionId, actorArn);
      await saveDeed(ctx, tx, pr, { actorArn, deed: { deed: 'approval', state } });
    });
    return {};
  },
);

/** CC-AP-05 */
export const getPullRequestApprovalStates = codecommit(
  'getPullRequestApprovalStates',
  onPullRequest,
  async (ctx, input, pr) => {
    const revisionId = checkRevisionId(input.revisionId);
    if (!(await findRevision(ctx.db, pr, revisionId))) throw invalidRevisionId();
    const approvers = await listApprovers(ctx.db, pr, revisionId);
    return {
      approvals: approvers.map((userArn) => ({ userArn, approvalState: 'APPROVE' as const })),
    };
  },
);

/** CC-AP-06 */
export const evaluatePullRequestApprovalRules = codecommit(
  'evaluatePullRequestApprovalRules',
  onPullRequest,
  async (ctx, input, pr) => {
    checkCurrent(pr, checkRevisionId(input.revisionId));
    return { evaluation: await evaluationOf(ctx.db, pr) };
  },
);

/** CC-AP-07 */
export const overridePullRequestApprovalRules = codecommit(
  'overridePullRequestApprovalRules',
  onPullRequest,
  async (ctx, input, found) => {
    const revisionId = checkRevisionId(input.revisionId);
    const status = input.overrideStatus;
    if (!status) throw overrideStatusRequired();
    if (status !== 'OVERRIDE' && status !== 'REVOKE') throw invalidOverrideStatus();
    const actorArn = ctx.principal.arn;
    await changePullRequest(ctx, found, async (tx, pr) => {
      checkCurrent(checkOpen(pr), revisionId);
      const overrides = status === 'OVERRIDE';
      const overridden = (await findRevision(tx, pr, revisionId))?.overriderArn !== undefined;
      if (overrides && overridden) throw overrideAlreadySet();
      if (overrides === overridden) return;
      await setOverrider(tx, pr, revisionId, overrides ? actorArn : undefined);
      await saveDeed(ctx, tx, pr, { actorArn, deed: { deed: 'overridden', status } });
    });
    return {};
  },
);

/** CC-AP-08 */
export const getPullRequestOverrideState = codecommit(
  'getPullRequestOverrideState',
  onPullRequest,
  async (ctx, input, pr) => {
    const revision = await findRevision(ctx.db, pr, checkRevisionId(input.revisionId));
    if (!revision) throw invalidRevisionId();
    const { overriderArn } = revision;
    return {
      overridden: overriderArn !== undefined,
      ...(overriderArn !== undefined && { overrider: overriderArn }),
    };
  },
);
