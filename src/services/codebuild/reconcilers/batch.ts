import type { Tx } from '../../../db/database.ts';
import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { batchDecisions } from '../model/batch/advance.ts';
import { noteEnd } from '../model/batch/commands.ts';
import type { BuildFacts } from '../model/build-draft.ts';
import { wantBatchStatus } from '../statuses/want.ts';
import * as store from '../store/batches.ts';
import { sweeps } from '../sweeps.ts';
import { BATCH, buildKey, parseBuildKey } from './names.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events' | 'serverEndpoint'>;

/** A batch with its builds, which `codebuild/batch-work` starts and stops. */
const batches = defineMachine({
  name: BATCH,
  ...batchDecisions,
  async load(_ctx: Ctx, tx, key) {
    const { id, ...owner } = parseBuildKey(key);
    const snapshot = await store.findBatch(tx, owner, id);
    return snapshot && { snapshot };
  },
  async write(ctx: Ctx, tx, { snapshot }, { writes: { set, events } }) {
    if (Object.keys(set).length > 0) await store.updateBatch(tx, snapshot, snapshot.id, set);
    if (set.batch) {
      const told = { before: snapshot.batch, endpoint: ctx.serverEndpoint() };
      await wantBatchStatus(ctx, tx, { ...snapshot, batch: set.batch }, told);
    }
    for (const event of events) await ctx.events.publish(tx, event, { toWatchersOnly: true });
  },
  sweep: sweeps[BATCH],
});

export const batchReconciler = batches.reconciler;

/** Does a command on a batch, and all that follows from it. */
export const settleBatch = batches.change;

/** A build is over: the batch that it belongs to goes on, in the same transaction. */
export async function tellBatch(ctx: Ctx, tx: Tx, ended: BuildFacts): Promise<void> {
  const { inputs, run, build } = ended;
  if (!inputs.batch) return;
  const { batchId, identifier, attempt } = inputs.batch;
  const end = { identifier, attempt, build, plan: run.batchSpec };
  await settleBatch(ctx, tx, buildKey(ended, batchId), (draft) => noteEnd(draft, end));
}
