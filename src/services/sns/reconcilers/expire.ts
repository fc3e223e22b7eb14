import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { deleteSubscription, findSubscription } from '../store/subscriptions.ts';
import { sweeps } from '../sweeps.ts';
import { EXPIRE } from './names.ts';

export const expire = defineReconciler<Platform>({
  name: EXPIRE,
  async reconcile(ctx, arn) {
    return ctx.transaction(async (tx) => {
      const found = await findSubscription(tx, arn);
      // Confirmed in the meantime, or gone.
      if (!found?.expiresAt) return undefined;
      if (found.expiresAt > ctx.clock.now()) return found.expiresAt;
      await deleteSubscription(tx, found);
      return undefined;
    });
  },
  sweep: sweeps[EXPIRE],
});
