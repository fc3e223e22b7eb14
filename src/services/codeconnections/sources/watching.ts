import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { WATCHES } from '../reconcilers/names.ts';
import { findWatchOf, newWatch, saveWatch } from '../store/watches.ts';

/** Somebody will listen to a repository: from now on its changes are looked for, as long as anybody does. */
export async function watchRepository(
  { engine, clock }: Pick<Platform, 'engine' | 'clock'>,
  tx: Tx,
  connectionArn: string,
  fullRepositoryId: string,
): Promise<void> {
  const now = clock.now();
  const known = await findWatchOf(tx, connectionArn, fullRepositoryId);
  const watch = known
    ? { ...known, polled: true, askedAt: now }
    : newWatch(connectionArn, fullRepositoryId, now);
  await saveWatch(tx, watch);
  // Who is polled has a wake-up already.
  if (!known?.polled || !known.references) await engine.wake(tx, WATCHES, watch.id);
}
