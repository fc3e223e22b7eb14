import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { decisions } from '../model/advance.ts';
import { hasRoom } from '../run/queue.ts';
import * as store from '../store/builds.ts';
import { sweeps } from '../sweeps.ts';
import { BUILD, parseBuildKey } from './names.ts';

/** The first that waits may be one too many of its size: the next may not. Others are swept. */
const WOKEN = 10;

type Ctx = Pick<Platform, 'clock' | 'config' | 'db' | 'engine' | 'events' | 'quotas'>;

/** A build with its phases. Their work is done by `codebuild/work`, which brings its results in here. */
const builds = defineMachine({
  name: BUILD,
  ...decisions,
  async load(ctx: Ctx, tx, key) {
    const { id, ...owner } = parseBuildKey(key);
    const stored = await store.findBuild(tx, owner, id);
    if (!stored) return undefined;
    const waits = stored.slot === 'queued' && !stored.stopRequested;
    return { snapshot: { ...stored, hasRoom: waits && (await hasRoom(ctx, tx, stored)) } };
  },
  async write(ctx: Ctx, tx, { snapshot }, { writes: { set, events } }) {
    if (Object.keys(set).length > 0) await store.updateBuild(tx, snapshot, snapshot.id, set);
    // What has no project is no affair of its account's.
    const toWatchersOnly = snapshot.inputs.actor !== undefined;
    for (const event of events) await ctx.events.publish(tx, event, { toWatchersOnly });
    if (set.slot !== 'done') return;
    for (const key of await store.keysInSlots(tx, ['queued'], WOKEN)) {
      await ctx.engine.wake(tx, BUILD, key);
    }
  },
  sweep: sweeps[BUILD],
});

export const buildReconciler = builds.reconciler;

/** Does a command on a build, and all that follows from it. */
export const settle = builds.change;
