import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { decisions } from '../model/advance.ts';
import { deleteInstance, findInstance, updateInstance } from '../store/instances.ts';
import { deleteTags } from '../store/tags.ts';
import { sweeps } from '../sweeps.ts';
import { INSTANCE, parseKey } from './names.ts';
import { leavePlaces } from './places.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events'>;

/** An instance. What its states need on the executor is done by `ec2/compute`, which brings its results in here. */
const instances = defineMachine({
  name: INSTANCE,
  ...decisions,
  async load(_ctx: Ctx, tx, key) {
    const { id, ...owner } = parseKey(key);
    const snapshot = await findInstance(tx, owner, id);
    return snapshot && { snapshot };
  },
  async write(ctx: Ctx, tx, { snapshot }, { writes: { set, forget, events } }) {
    if (Object.keys(set).length > 0) await updateInstance(tx, snapshot, set);
    for (const event of events) await ctx.events.publish(tx, event);
    if (set.state === 'terminated') await leavePlaces(ctx, tx, snapshot);
    if (!forget) return;
    await deleteTags(tx, snapshot, snapshot.id);
    await deleteInstance(tx, snapshot);
  },
  sweep: sweeps[INSTANCE],
});

export const instanceReconciler = instances.reconciler;

/** Does a command on an instance, and all that follows from it. */
export const settle = instances.change;
