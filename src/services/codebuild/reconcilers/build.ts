import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { decisions } from '../model/advance.ts';
import { isAutoRetried } from '../model/auto-retry.ts';
import { partitionOf } from '../model/build-draft.ts';
import { beginBuild } from '../run/begin-build.ts';
import { leaveFleet, roomFor, wakeQueued } from '../run/queue.ts';
import { wantStatus } from '../statuses/want.ts';
import * as store from '../store/builds.ts';
import { findProject } from '../store/projects.ts';
import { sweeps } from '../sweeps.ts';
import { tellBatch } from './batch.ts';
import { BUILD, parseBuildKey } from './names.ts';
import { leaveNetwork } from './places.ts';

type Ctx = Pick<
  Platform,
  'clock' | 'config' | 'db' | 'engine' | 'events' | 'quotas' | 'serverEndpoint'
>;

/** A build with its phases. Their work is done by `codebuild/work`, which brings its results in here. */
const builds = defineMachine({
  name: BUILD,
  ...decisions,
  async load(ctx: Ctx, tx, key) {
    const { id, ...owner } = parseBuildKey(key);
    const stored = await store.findBuild(tx, owner, id);
    if (!stored) return undefined;
    const waits = stored.slot === 'queued' && !stored.stopRequested;
    const canRetry =
      isAutoRetried(stored.inputs) &&
      (await findProject(tx, owner, stored.build.projectName ?? '')) !== undefined;
    const room = waits ? await roomFor(ctx, tx, stored) : { hasRoom: false };
    return { snapshot: { ...stored, ...room, canRetry } };
  },
  async write(ctx: Ctx, tx, { snapshot }, { writes: { set, events, next } }) {
    if (Object.keys(set).length > 0) await store.updateBuild(tx, snapshot, snapshot.id, set);
    // What has no project is no affair of its account's.
    const toWatchersOnly = snapshot.inputs.actor !== undefined;
    // AWS publishes nothing of sandboxes.
    const published = snapshot.inputs.sandbox ? [] : events;
    for (const event of published) await ctx.events.publish(tx, event, { toWatchersOnly });
    if (next) {
      const { inputs, build } = snapshot;
      const start = { id: next.id, inputs, cache: build.cache, partition: partitionOf(snapshot) };
      await beginBuild(ctx, tx, snapshot, start, { autoRetryConfig: next.config });
    }
    if (set.build) {
      const { inputs, build: before } = snapshot;
      const told = { before, build: set.build, inputs, endpoint: ctx.serverEndpoint() };
      await wantStatus(ctx, tx, snapshot, told);
    }
    const { fleetArn } = snapshot;
    const leaves = fleetArn && (set.slot === 'done' || 'fleetArn' in set);
    const went = leaves ? await leaveFleet(tx, fleetArn) : false;
    // There may be room for the next one too: what has made it wakes no more than a few.
    if (set.slot === 'running') await wakeQueued(ctx, tx, went ? undefined : { fleetArn });
    if (set.slot !== 'done') return;
    await tellBatch(ctx, tx, { ...snapshot, ...set });
    await leaveNetwork(ctx, tx, snapshot, snapshot.inputs);
    await wakeQueued(ctx, tx);
  },
  sweep: sweeps[BUILD],
});

export const buildReconciler = builds.reconciler;

/** Does a command on a build, and all that follows from it. */
export const settle = builds.change;
