import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { HISTORY_MS } from '../limits.ts';
import { decisions } from '../model/advance.ts';
import { saveDelivery } from '../store/deliveries.ts';
import { deleteGroup, findGroup, saveGroup } from '../store/groups.ts';
import { forgetHistory, saveHistory } from '../store/history.ts';
import { deleteMember, membersOf, saveMember } from '../store/members.ts';
import { sweeps } from '../sweeps.ts';
import { DELIVERY, GROUP, parseKey } from './names.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events'>;

/** A group and its instances. What they need outside is done by `autoscaling/member`, which brings its results in here. */
const groups = defineMachine({
  name: GROUP,
  ...decisions,
  async load(_ctx: Ctx, tx, key) {
    const { rest, ...owner } = parseKey(key);
    const group = await findGroup(tx, owner, rest);
    return group && { snapshot: { group, members: await membersOf(tx, owner, rest) } };
  },
  async write(ctx: Ctx, tx, { snapshot: { group } }, { writes, now }) {
    if (writes.group && !writes.forget) await saveGroup(tx, { ...group, body: writes.group });
    for (const slot of writes.gone) await deleteMember(tx, group, slot);
    for (const member of writes.members) await saveMember(tx, member);
    for (const activity of writes.activities) await saveHistory(tx, 'activity', group, activity);
    for (const refresh of writes.refreshes) await saveHistory(tx, 'refresh', group, refresh);
    if (writes.activities.length > 0) await forgetHistory(tx, 'activity', group, now - HISTORY_MS);
    for (const event of writes.events) await ctx.events.publish(tx, event);
    for (const delivery of writes.deliveries) {
      await saveDelivery(tx, group, delivery, now);
      await ctx.engine.wake(tx, DELIVERY, delivery.id);
    }
    if (writes.forget) await deleteGroup(tx, group);
  },
  sweep: sweeps[GROUP],
});

export const groupReconciler = groups.reconciler;

/** Does a command on a group, and all that follows from it. */
export const settle = groups.change;
