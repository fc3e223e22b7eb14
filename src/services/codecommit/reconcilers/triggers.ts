import { defineReconciler } from '../../../engine/engine.ts';
import { bring } from '../../../kit/delivery/owed.ts';
import type { Platform } from '../../../kit/service.ts';
import { deliver } from '../history/deliver.ts';
import { TRIGGER } from '../history/triggers.ts';
import { notices } from '../store/triggers.ts';
import { sweeps } from '../sweeps.ts';

/** Brings what a trigger owes to its topic or function: at least once, again and again for a day (CC-TRG-02). */
export const triggers = defineReconciler<Platform>({
  name: TRIGGER,
  reconcile: (ctx, id) =>
    bring(ctx, notices, id, {
      send: (notice) => deliver(ctx, notice),
      givenUp({ repositoryArn: repository, destinationArn: destination }, failure) {
        ctx.log.warn({ repository, destination, failure }, 'a trigger could not tell of a change');
      },
    }),
  sweep: sweeps[TRIGGER],
});
