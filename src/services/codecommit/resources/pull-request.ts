import { formatArn } from '../../../aws/arn.ts';
import { defineResource, type Located, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { numberOf, type PullRequest } from '../model/pull-request.ts';
import {
  invalidPullRequestId,
  pullRequestDoesNotExist,
  pullRequestIdRequired,
} from '../reviews/errors.ts';
import { findPullRequest } from '../store/pull-requests.ts';
import { repositoryArn } from '../store/repositories.ts';
import { namingBranch } from './named-branch.ts';
import { repository } from './repository.ts';

interface LocatedPullRequest extends Located {
  pullRequestId: string;
}

/**
 * Named by its id. AWS asks for the permission on its repository. What a refusal names is not that repository, which
 * would tell that the pull request exists.
 */
export const pullRequest = defineResource<string | undefined, LocatedPullRequest, PullRequest>({
  type: repository.type,
  locate: ({ accountId, region, partition }, pullRequestId = '') => ({
    ...{ accountId, region, pullRequestId },
    arn: formatArn({ partition, service: 'codecommit', region, accountId, resource: '*' }),
  }),
  parse: () => undefined,
  async find(db, { accountId, region, pullRequestId }) {
    const number = numberOf(pullRequestId);
    return number === undefined ? undefined : findPullRequest(db, { accountId, region, number });
  },
  check({ pullRequestId }) {
    if (pullRequestId === '') throw pullRequestIdRequired();
    if (numberOf(pullRequestId) === undefined) throw invalidPullRequestId();
  },
  known: (found) => ({ arn: repositoryArn({ ...found, name: found.repositoryName }) }),
  named: ({ arn }) => arn,
  notFound: () => pullRequestDoesNotExist(),
});

interface OnPullRequest {
  pullRequestId?: string | undefined;
}

/** Who may call an operation that names a pull request. */
export const onPullRequest = on(pullRequest, ({ pullRequestId }: OnPullRequest) => pullRequestId);

/** The same for operations that change its destination branch: policies can name it (CC-SEC-03). */
export const onDestination = namingBranch<ServiceContext, OnPullRequest, PullRequest>(
  on(pullRequest, ({ pullRequestId }: OnPullRequest) => pullRequestId, {
    conditions: (_ctx: ServiceContext, _input, found) => ({
      'codecommit:references': found?.destinationReference ?? 'refs/heads/',
    }),
  }),
  on(pullRequest, ({ pullRequestId }: OnPullRequest, _ctx: ServiceContext) => pullRequestId),
  async (ctx, { pullRequestId }) => {
    const found = await pullRequest.find(ctx.db, pullRequest.locate(ctx, pullRequestId));
    return found?.destinationReference;
  },
);
