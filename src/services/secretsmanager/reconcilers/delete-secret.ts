import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { deleteSecret as deleteRows, findSecretByArn } from '../store/secrets.ts';
import { sweeps } from '../sweeps.ts';

/** Name of the reconciler that deletes a secret (key: its ARN) when its recovery window ends. */
export const DELETE_SECRET = 'secretsmanager/delete-secret';

export const deleteSecret = defineReconciler<Platform>({
  name: DELETE_SECRET,
  async reconcile(ctx, arn) {
    return ctx.transaction(async (tx) => {
      const secret = await findSecretByArn(tx, arn);
      // Restored in the meantime, or gone.
      if (!secret?.deletesAt) return undefined;
      if (secret.deletesAt > ctx.clock.now()) return secret.deletesAt;
      await deleteRows(tx, arn);
      return undefined;
    });
  },
  sweep: sweeps[DELETE_SECRET],
});
