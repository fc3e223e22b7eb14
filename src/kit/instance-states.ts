import type { Tx } from '../db/database.ts';
import type { Subscription } from '../engine/events.ts';
import type { Platform } from './service.ts';

interface Heard {
  /** `service/noun-verb`. */
  name: string;
  /** Which states are heard of; all of them where nothing is said. */
  states?: readonly ('running' | 'shutting-down' | 'terminated')[];
  /** @param id of the instance, in the region of the account */
  changed(
    ctx: Platform,
    tx: Tx,
    place: { accountId: string; region: string },
    id: string,
  ): Promise<void>;
}

/** Hears that an instance of EC2 has come to another state. */
export const instanceStates = ({ name, states, changed }: Heard): Subscription<Platform> => ({
  name,
  pattern: {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    ...(states && { detail: { state: states } }),
  },
  async deliver(ctx, { account: accountId, region, detail }) {
    const id = String(detail['instance-id']);
    await ctx.transaction((tx) => changed(ctx, tx, { accountId, region }, id));
  },
});
