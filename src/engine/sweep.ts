import type { OpenDatabase, Tx } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import type { Reconciler } from './engine.ts';
import * as queue from './queue.ts';

/** The reconciler that asks the others what they missed; its key is the name of one of them. */
export const SWEEPER = 'engine/sweep';
const PERIOD_MS = 60_000;
const BATCH = 500;

/** A reconciler itself: so one node sweeps at a time, and a sweep that fails comes again. */
export function sweeper<C>(
  database: OpenDatabase,
  clock: Clock,
  swept: Reconciler<C>[],
  ring: (tx: Tx, name: string) => Promise<void>,
): Reconciler<C> {
  const byName = new Map(swept.map((reconciler) => [reconciler.name, reconciler]));
  return {
    name: SWEEPER,
    async reconcile(ctx, name) {
      const reconciler = byName.get(name);
      // Of an earlier or a later version of the server.
      if (!reconciler?.sweep) return undefined;
      const keys = await reconciler.sweep(ctx);
      for (let i = 0; i < keys.length; i += BATCH) {
        const batch = keys.slice(i, i + BATCH);
        await database.transaction(async (tx) => {
          const now = clock.now().getTime();
          const idle = await queue.idleKeys(tx, name, batch, now);
          await queue.addWakes(tx, name, idle, { dueAt: queue.AT_ONCE, now });
          if (idle.length > 0) await ring(tx, name);
        });
      }
      return new Date(clock.now().getTime() + PERIOD_MS);
    },
  };
}
