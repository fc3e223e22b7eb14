import { instanceStates } from '../../../kit/instance-states.ts';
import { removeInstance } from '../store/instances.ts';
import { changed } from './change.ts';

/** An instance that is terminated is no one's any more: its address may be another account's next. */
export const instanceGone = instanceStates({
  name: 'elb/instance-gone',
  states: ['terminated'],
  async changed(ctx, tx, place, id) {
    for (const arn of await removeInstance(tx, place, id)) await changed(ctx, tx, arn);
  },
});
