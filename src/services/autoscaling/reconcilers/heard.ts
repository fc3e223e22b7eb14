import { instanceStates } from '../../../kit/instance-states.ts';
import { memberOf } from '../store/members.ts';
import { MEMBER, memberKey } from './names.ts';

/** An instance is in another state: who follows it looks. */
export const instanceState = instanceStates({
  name: 'autoscaling/instance-state',
  async changed(ctx, tx, place, id) {
    const member = await memberOf(tx, place, id);
    if (member) await ctx.engine.wake(tx, MEMBER, memberKey(member));
  },
});
