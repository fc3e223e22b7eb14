import type { Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { memberOf } from '../store/members.ts';
import { MEMBER, memberKey } from './names.ts';

/** An instance is in another state: who follows it looks. */
export const instanceState: Subscription<Platform> = {
  name: 'autoscaling/instance-state',
  pattern: {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
  },
  async deliver(ctx, { account: accountId, region, detail }) {
    await ctx.transaction(async (tx) => {
      const member = await memberOf(tx, { accountId, region }, String(detail['instance-id']));
      if (member) await ctx.engine.wake(tx, MEMBER, memberKey(member));
    });
  },
};
