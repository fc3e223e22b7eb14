import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { deleteKey, findKey } from '../store/keys.ts';
import { sweeps } from '../sweeps.ts';

/** Deletes a key when its waiting period ends. The key of the reconciler is the key's id. */
export const deleteKeyReconciler = defineReconciler<Platform>({
  name: 'kms/delete-key',
  async reconcile(ctx, keyId) {
    return ctx.transaction(async (tx) => {
      const key = await findKey(tx, keyId);
      if (key?.state !== 'PendingDeletion' || !key.deletionAt) return undefined;
      if (key.deletionAt > ctx.clock.now()) return key.deletionAt;
      await deleteKey(tx, keyId);
      return undefined;
    });
  },
  sweep: sweeps['kms/delete-key'],
});
