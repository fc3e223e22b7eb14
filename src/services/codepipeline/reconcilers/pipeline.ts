import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { decisionsFor } from '../model/advance.ts';
import { addressed } from '../model/events.ts';
import { workTypes } from '../providers/index.ts';
import {
  loadSnapshot,
  type StartRequestToken,
  type Subject,
  writeStep,
} from '../store/executions.ts';
import { sweeps } from '../sweeps.ts';
import { PIPELINE_RECONCILER } from './names.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events' | 'serverEndpoint'>;

/** A pipeline with its stages, its live executions and their actions. Everything moves in the transaction of what moved it. */
const pipelines = defineMachine({
  name: PIPELINE_RECONCILER,
  ...decisionsFor(workTypes),
  async load(_: Ctx, tx, pipelineId, subject?: Subject & { request?: StartRequestToken }) {
    const snapshot = await loadSnapshot(tx, pipelineId, subject);
    return snapshot && { snapshot };
  },
  async write(ctx, tx, { snapshot: { pipeline } }, { writes, subject }) {
    await writeStep(tx, pipeline, writes, subject?.request);
    for (const event of writes.events) {
      await ctx.events.publish(tx, {
        source: 'aws.codepipeline',
        account: pipeline.accountId,
        region: pipeline.region,
        resources: [pipeline.arn],
        'detail-type': event.detailType,
        detail: addressed(event.detail, ctx.serverEndpoint()),
      });
    }
  },
  sweep: sweeps[PIPELINE_RECONCILER],
});

export const pipelineReconciler = pipelines.reconciler;

/** Does a command on a pipeline, and all that follows from it. */
export const settle = pipelines.change;
