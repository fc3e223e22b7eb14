import { page } from '../../../kit/pages.ts';
import { on } from '../../../kit/resource.ts';
import { arnOf, queueUrl } from '../model/queue.ts';
import { queue } from '../resources/queue.ts';
import { listSources } from '../store/queues.ts';
import { sqs } from './declare.ts';
import { checkMaxResults, invalidToken } from './queues.ts';

export const listDeadLetterSourceQueues = sqs(
  'listDeadLetterSourceQueues',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { MaxResults, NextToken }, found) => {
    const { items, nextToken } = await page(
      ctx,
      { token: NextToken, limit: checkMaxResults(MaxResults), refuse: invalidToken },
      (after, count) => listSources(ctx.db, arnOf(found), { after, count }),
      ({ name }) => name,
    );
    return {
      queueUrls: items.map((source) => queueUrl(ctx.endpoint, source)),
      ...(nextToken && MaxResults !== undefined && { NextToken: nextToken }),
    };
  },
);
