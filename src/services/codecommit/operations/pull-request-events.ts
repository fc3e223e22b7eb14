import { PullRequestEventType } from '@aws-sdk/client-codecommit';
import { page } from '../../../kit/pages.ts';
import { limits } from '../limits.ts';
import { happeningView } from '../model/pull-request-events.ts';
import { onPullRequest } from '../resources/pull-request.ts';
import { invalidPullRequestEventType } from '../reviews/errors.ts';
import { listPullRequestEvents } from '../store/pull-request-history.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';
import { checkActorArn } from './review-arguments.ts';

const TYPES: readonly string[] = Object.values(PullRequestEventType);

/** CC-PR-07 */
export const describePullRequestEvents = codecommit(
  'describePullRequestEvents',
  onPullRequest,
  async (ctx, input, pr) => {
    const type = input.pullRequestEventType;
    if (type !== undefined && !TYPES.includes(type)) throw invalidPullRequestEventType();
    const actorArn = checkActorArn(ctx, input.actorArn);
    const limit = checkMaxResults(input.maxResults, limits.pullRequestEventsPage);
    const { items, nextToken } = await page(
      ctx,
      asked(input, limit),
      (after: number | undefined, count) =>
        listPullRequestEvents(ctx.db, pr, { type, actorArn, after, limit: count }),
      ({ sequence }) => sequence,
    );
    const pullRequestEvents = items.map((happening) => happeningView(pr.number, happening));
    return { pullRequestEvents, ...(nextToken && { nextToken }) };
  },
);
