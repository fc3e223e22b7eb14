import type { Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { removeInstance } from '../store/instances.ts';
import { changed } from './change.ts';

/** An instance that is terminated is no one's any more: its address may be another account's next. */
export const instanceGone: Subscription<Platform> = {
  name: 'elb/instance-gone',
  pattern: {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['terminated'] },
  },
  async deliver(ctx, { account: accountId, region, detail }) {
    await ctx.transaction(async (tx) => {
      const id = String(detail['instance-id']);
      for (const arn of await removeInstance(tx, { accountId, region }, id))
        await changed(ctx, tx, arn);
    });
  },
};
