import { defineMachine } from '../../../engine/machine.ts';
import type { Platform } from '../../../kit/service.ts';
import { decisions } from '../model/advance.ts';
import { sweeps } from '../sweeps.ts';
import { apply } from './apply.ts';
import { load } from './load.ts';
import { DEPLOYMENT } from './names.ts';

type Ctx = Pick<Platform, 'clock' | 'db' | 'engine' | 'events'>;

/** Takes a deployment on. Hosts bring their own results in, and wake it. */
const deployments = defineMachine({
  name: DEPLOYMENT,
  ...decisions,
  load: (_: Ctx, tx, deploymentId) => load(tx, deploymentId),
  write: (ctx, tx, loaded, { writes, now }) => apply(tx, ctx, loaded, writes, now),
  sweep: sweeps[DEPLOYMENT],
});

export const deploymentReconciler = deployments.reconciler;

/** Does a command on a deployment, and all that follows from it. */
export const settle = deployments.change;
