import type { Subscription } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import { environmentKeys } from '../store/environments.ts';
import { FLEET, parseKey } from './names.ts';

/** An instance that comes or goes may be one of an environment's: its group is looked at then, and not only now and then. */
export const instanceChanged: Subscription<Platform> = {
  name: 'elasticbeanstalk/instance-changed',
  pattern: {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['running', 'shutting-down', 'terminated'] },
  },
  async deliver(ctx, { account, region }) {
    await ctx.transaction(async (tx) => {
      for (const key of await environmentKeys(tx, 'live', 1000)) {
        const owner = parseKey(key);
        if (owner.accountId === account && owner.region === region)
          await ctx.engine.wake(tx, FLEET, key);
      }
    });
  },
};
