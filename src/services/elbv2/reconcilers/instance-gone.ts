import type { Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { userOf } from '../store/groups.ts';
import { removeTargets } from '../store/targets.ts';
import { changed } from './change.ts';

/** An instance that is terminated is no one's any more: its address may be another account's next. */
export const instanceGone: Subscription<Platform> = {
  name: 'elbv2/instance-gone',
  pattern: {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['terminated'] },
  },
  async deliver(ctx, { account: accountId, region, detail }) {
    await ctx.transaction(async (tx) => {
      const id = String(detail['instance-id']);
      for (const group of await removeTargets(tx, { accountId, region }, id)) {
        const user = await userOf(tx, group);
        if (user !== undefined) await changed(ctx, tx, user);
      }
    });
  },
};
