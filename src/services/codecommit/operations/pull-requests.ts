import type { Target } from '@aws-sdk/client-codecommit';
import type { Tx } from '../../../db/database.ts';
import { isReferenceName } from '../../../git/names.ts';
import { page } from '../../../kit/pages.ts';
import { atEach, type Named, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { orUnknown, saveDeed } from '../history/pull-requests.ts';
import { announceReferences, lookSoon } from '../history/references.ts';
import { limits } from '../limits.ts';
import type { ApprovalRule } from '../model/approval-rule.ts';
import { branchOf, isBranchName } from '../model/names.ts';
import {
  type PullRequest,
  type PullRequestBody,
  pullRequestView,
  revisionIdOf,
} from '../model/pull-request.ts';
import { onPullRequest } from '../resources/pull-request.ts';
import {
  type OpenRepository,
  opened,
  openRepository,
  repository,
} from '../resources/repository.ts';
import {
  invalidDescription,
  invalidPullRequestStatus,
  invalidPullRequestStatusUpdate,
  invalidReferenceName,
  invalidTargets,
  invalidTitle,
  maximumOpenPullRequestsExceeded,
  multipleRepositoriesInPullRequest,
  pullRequestAlreadyClosed,
  pullRequestDoesNotExist,
  pullRequestStatusRequired,
  referenceDoesNotExist,
  referenceNameRequired,
  referenceTypeNotSupported,
  sourceAndDestinationAreSame,
  targetsRequired,
  titleRequired,
} from '../reviews/errors.ts';
import { insertRevision } from '../store/pull-request-history.ts';
import {
  countOpenPullRequests,
  findPullRequest,
  findPullRequestByToken,
  insertPullRequest,
  listPullRequests as listRows,
  nextPullRequestNumber,
  type PullRequestPosition,
  savePullRequest,
} from '../store/pull-requests.ts';
import { changeRepository, findRepositoryById } from '../store/repositories.ts';
import { rulesForNew } from './approval-rule-templates.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';
import { checkAuthorArn, checkToken, requestOf, sameRequest } from './review-arguments.ts';

/** As callers see it now: of an open one the common ancestor is looked for anew when the destination has moved. */
export async function shownPullRequest(ctx: ServiceContext, pr: PullRequest) {
  const { destinationCommit, body } = pr;
  if (pr.status === 'CLOSED' || body.mergeBase?.destinationCommit === destinationCommit)
    return { pullRequest: pullRequestView(pr) };
  const record = await findRepositoryById(ctx.db, pr.repositoryId);
  if (!record) return { pullRequest: pullRequestView(pr) };
  const git = await opened(ctx, record);
  const commitId = await orUnknown(git.mergeBase(pr.sourceCommit, destinationCommit));
  const mergeBase = { commitId, destinationCommit };
  return { pullRequest: pullRequestView({ ...pr, body: { ...body, mergeBase } }) };
}

/** Changes a pull request in a transaction, as it is then. @throws PullRequestDoesNotExistException, and what `change` throws */
export async function changePullRequest<T>(
  ctx: ServiceContext,
  found: PullRequest,
  change: (tx: Tx, pr: PullRequest) => Promise<T>,
): Promise<T> {
  return ctx.transaction(async (tx) => {
    const pr = await findPullRequest(tx, found);
    if (!pr) throw pullRequestDoesNotExist();
    return change(tx, pr);
  });
}

/** @throws TitleRequiredException, InvalidTitleException */
function checkTitle(title: string | undefined): string {
  if (!title) throw titleRequired();
  if (title.length > limits.pullRequestTitle) throw invalidTitle();
  return title;
}

/** @throws InvalidDescriptionException */
function checkText(description: string | undefined): string | undefined {
  if ((description?.length ?? 0) > limits.pullRequestDescription) throw invalidDescription();
  return description || undefined;
}

/** The one target that a pull request has. @throws TargetsRequired, MultipleRepositoriesInPullRequest, InvalidTargets exceptions */
function checkTargets(targets: readonly Target[] | undefined): Target {
  const [target, ...more] = targets ?? [];
  if (!target) throw targetsRequired();
  if (more.some(({ repositoryName }) => repositoryName !== target.repositoryName))
    throw multipleRepositoriesInPullRequest();
  if (more.length > 0) throw invalidTargets();
  return target;
}

/** The full name of a branch that a caller names. @throws InvalidReferenceName, ReferenceTypeNotSupported exceptions */
function fullName(reference: string): string {
  const isFull = reference.startsWith('refs/');
  const name = isFull ? reference : `refs/heads/${reference}`;
  if (!isReferenceName(name)) throw invalidReferenceName();
  const branch = branchOf(name);
  if (branch === undefined) throw referenceTypeNotSupported();
  if (!isBranchName(branch)) throw invalidReferenceName();
  return name;
}

interface Ends {
  source: { name: string; commitId: string };
  destination: { name: string; commitId: string };
}

/** @throws ReferenceNameRequired, InvalidReferenceName, ReferenceDoesNotExist … exceptions */
async function findEnds(
  { record, git }: OpenRepository,
  { sourceReference, destinationReference }: Target,
): Promise<Ends> {
  if (!sourceReference) throw referenceNameRequired();
  const source = fullName(sourceReference);
  const given = destinationReference ? fullName(destinationReference) : undefined;
  const destination = given ?? (record.defaultBranch && `refs/heads/${record.defaultBranch}`);
  if (!destination) throw referenceDoesNotExist();
  if (source === destination) throw sourceAndDestinationAreSame();
  const tagOf = (name: string) => name.replace('refs/heads/', 'refs/tags/');
  const names = [source, destination];
  const found = await git.references([...names, ...names.map(tagOf)]);
  const end = (name: string) => {
    const branch = found.find((one) => one.name === name);
    if (branch) return { name, commitId: branch.id };
    const isTag = found.some((one) => one.name === tagOf(name));
    throw isTag ? referenceTypeNotSupported() : referenceDoesNotExist();
  };
  return { source: end(source), destination: end(destination) };
}

export const createPullRequest = codecommit(
  'createPullRequest',
  atEach(repository, ({ targets }) => (targets ?? []).map((target) => target?.repositoryName)),
  async (ctx, input, [located]) => {
    const title = checkTitle(input.title);
    const description = checkText(input.description);
    const target = checkTargets(input.targets);
    const requestToken = checkToken(input.clientRequestToken);
    const request = requestOf([
      ...[title, description, target.repositoryName, target.sourceReference],
      target.destinationReference,
    ]);
    const by = { ...placeOf(ctx), authorArn: ctx.principal.arn };
    const before =
      requestToken === undefined
        ? undefined
        : await findPullRequestByToken(ctx.db, { ...by, requestToken });
    if (before) return shownPullRequest(ctx, sameRequest(before, request));
    const open = await openRepository(ctx, located as Named);
    const ends = await findEnds(open, target);
    const base = await orUnknown(
      open.git.mergeBase(ends.source.commitId, ends.destination.commitId),
    );
    const { repositoryId } = open.record;
    const made = await ctx.transaction(async (tx) => {
      const found =
        requestToken === undefined
          ? undefined
          : await findPullRequestByToken(tx, { ...by, requestToken });
      if (found) return sameRequest(found, request);
      const record = await need(tx, repository, located as Named);
      if (record.repositoryId !== repositoryId) throw referenceDoesNotExist();
      if ((await countOpenPullRequests(tx, repositoryId)) >= limits.openPullRequests)
        throw maximumOpenPullRequestsExceeded();
      const rules = await rulesForNew(tx, repositoryId, ends.destination.name, ctx.clock.now());
      // Whoever has read git's references before this must look again: he does not know of the pull request.
      await changeRepository(tx, repositoryId, { generation: record.generation + 1 });
      await lookSoon(ctx, tx, repositoryId);
      return insertNew(ctx, tx, {
        ...{ ...by, repositoryId, repositoryName: record.name, requestToken, ends, base, rules },
        ...{ title, description, request },
      });
    });
    // The branches may have moved between the look at them and the pull request.
    await announceReferences(ctx, repositoryId);
    return shownPullRequest(ctx, (await findPullRequest(ctx.db, made)) ?? made);
  },
);

const placeOf = ({ accountId, region }: ServiceContext) => ({ accountId, region });

interface New {
  accountId: string;
  region: string;
  authorArn: string;
  repositoryId: string;
  repositoryName: string;
  requestToken: string | undefined;
  ends: Ends;
  base: string | undefined;
  rules: ApprovalRule[];
  title: string;
  description: string | undefined;
  request: string;
}

async function insertNew(ctx: ServiceContext, tx: Tx, made: New): Promise<PullRequest> {
  const { accountId, region, authorArn, ends, base } = made;
  const number = await nextPullRequestNumber(tx, made);
  const { source, destination } = ends;
  const revisionId = revisionIdOf({ accountId, region, number }, 1, source.commitId);
  const pr: PullRequest = {
    ...{ accountId, region, number, authorArn, revisionId, status: 'OPEN' },
    ...{ repositoryId: made.repositoryId, repositoryName: made.repositoryName },
    requestToken: made.requestToken,
    ...{ sourceReference: source.name, sourceCommit: source.commitId },
    ...{ destinationReference: destination.name, destinationCommit: destination.commitId },
    activity: ctx.clock.now(),
    body: {
      ...{ title: made.title, description: made.description, request: made.request },
      ...{ created: ctx.clock.now(), revision: 1, events: 0, rules: made.rules },
      mergeBase: { commitId: base, destinationCommit: destination.commitId },
    },
  };
  const deed = { actorArn: authorArn, deed: { deed: 'created' } } as const;
  const saved = await saveDeed(ctx, tx, pr, deed, insertPullRequest);
  await insertRevision(tx, saved, revisionId);
  return saved;
}

/** CC-PR-02 */
export const getPullRequest = codecommit('getPullRequest', onPullRequest, (ctx, _input, pr) =>
  shownPullRequest(ctx, pr),
);

/** CC-PR-03 */
export const listPullRequests = codecommit(
  'listPullRequests',
  on(repository, ({ repositoryName }) => repositoryName),
  async (ctx, input, { repositoryId }) => {
    const status = input.pullRequestStatus;
    if (status !== undefined && status !== 'OPEN' && status !== 'CLOSED')
      throw invalidPullRequestStatus();
    const authorArn = checkAuthorArn(ctx, input.authorArn);
    const limit = checkMaxResults(input.maxResults, limits.pullRequestsPage);
    const found = await page(
      ctx,
      asked(input, limit, repositoryId),
      (after: PullRequestPosition | undefined, count) =>
        listRows(ctx.db, { repositoryId, status, authorArn, after, limit: count }),
      (position) => position,
    );
    const pullRequestIds = found.items.map(([, number]) => `${number}`);
    return { pullRequestIds, ...(found.nextToken && { nextToken: found.nextToken }) };
  },
);

/** @throws PullRequestAlreadyClosedException */
export function checkOpen(pr: PullRequest): PullRequest {
  if (pr.status === 'CLOSED') throw pullRequestAlreadyClosed();
  return pr;
}

/** What it says of itself, which nobody is told of. */
async function changeText(
  ctx: ServiceContext,
  found: PullRequest,
  text: Partial<Pick<PullRequestBody, 'title' | 'description'>>,
) {
  const changed = await changePullRequest(ctx, found, async (tx, pr) => {
    const body = { ...checkOpen(pr).body, ...text };
    const saved = { ...pr, activity: ctx.clock.now(), body };
    await savePullRequest(tx, saved);
    return saved;
  });
  return shownPullRequest(ctx, changed);
}

/** CC-PR-04 */
export const updatePullRequestTitle = codecommit(
  'updatePullRequestTitle',
  onPullRequest,
  async (ctx, input, found) => {
    return changeText(ctx, found, { title: checkTitle(input.title) });
  },
);

/** CC-PR-05 */
export const updatePullRequestDescription = codecommit(
  'updatePullRequestDescription',
  onPullRequest,
  async (ctx, input, found) => {
    // Empty, it clears: what is left out would clear it as well, without anybody having said so.
    if (input.description === undefined) throw invalidDescription();
    return changeText(ctx, found, { description: checkText(input.description) });
  },
);

/** CC-PR-06 */
export const updatePullRequestStatus = codecommit(
  'updatePullRequestStatus',
  onPullRequest,
  async (ctx, input, found) => {
    const status = input.pullRequestStatus;
    if (!status) throw pullRequestStatusRequired();
    if (status !== 'OPEN' && status !== 'CLOSED') throw invalidPullRequestStatus();
    const changed = await changePullRequest(ctx, found, async (tx, pr) => {
      if (pr.status === status) return pr;
      if (pr.status === 'CLOSED') throw invalidPullRequestStatusUpdate();
      // Of a merge that is under way it is still known then: should the branch move, it has been merged all the same.
      const closed = { ...pr, status };
      const deed = { actorArn: ctx.principal.arn, deed: { deed: 'closed' } } as const;
      return saveDeed(ctx, tx, closed, deed);
    });
    return shownPullRequest(ctx, changed);
  },
);
