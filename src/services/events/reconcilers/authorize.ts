import { defineReconciler } from '../../../engine/engine.ts';
import { DeliveryFailed } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import { tokenOf } from '../delivery/http/token.ts';
import { AUTHORIZE } from '../delivery/names.ts';
import { findConnectionByArn, saveConnection } from '../store/connections.ts';
import { sweeps } from '../sweeps.ts';

/** Asks for the first token of a connection, which shows whether it can be used. */
export const authorize = defineReconciler<Platform>({
  name: AUTHORIZE,
  async reconcile(ctx, arn) {
    const asked = await findConnectionByArn(ctx.db, arn);
    if (asked?.state !== 'AUTHORIZING') return undefined;
    let reason: string | undefined;
    try {
      await tokenOf(ctx, asked);
    } catch (error) {
      if (!(error instanceof DeliveryFailed)) throw error;
      reason = error.message;
    }
    await ctx.transaction(async (tx) => {
      const found = await findConnectionByArn(tx, arn);
      // Changed meanwhile: that has woken this again.
      if (found?.modifiedAt.getTime() !== asked.modifiedAt.getTime()) return;
      const now = ctx.clock.now();
      await saveConnection(
        tx,
        reason === undefined
          ? { ...found, state: 'AUTHORIZED', authorizedAt: now }
          : { ...found, state: 'DEAUTHORIZED', reason },
      );
    });
    return undefined;
  },
  sweep: sweeps[AUTHORIZE],
});
