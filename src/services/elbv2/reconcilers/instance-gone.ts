import { instanceStates } from '../../../kit/instance-states.ts';
import { userOf } from '../store/groups.ts';
import { removeTargets } from '../store/targets.ts';
import { changed } from './change.ts';

/** An instance that is terminated is no one's any more: its address may be another account's next. */
export const instanceGone = instanceStates({
  name: 'elbv2/instance-gone',
  states: ['terminated'],
  async changed(ctx, tx, place, id) {
    for (const group of await removeTargets(tx, place, id)) {
      const user = await userOf(tx, group);
      if (user !== undefined) await changed(ctx, tx, user);
    }
  },
});
