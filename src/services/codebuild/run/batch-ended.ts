import type { Platform } from '../../../kit/service.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import { batchEndTopic, buildKey } from '../reconcilers/names.ts';
import { findBatch, type StoredBatch } from '../store/batches.ts';
import type { Owner } from '../store/tables.ts';

/** As long as StopBuild waits for its build. */
const HOLD_MS = STOP_GRACE_MS + 5000;

/** The batch once it is complete, or as it is when that takes too long; undefined when it was deleted. */
export async function awaitBatchEnd(
  { db, clock, engine }: Pick<Platform, 'db' | 'clock' | 'engine'>,
  owner: Owner,
  id: string,
): Promise<StoredBatch | undefined> {
  const until = new Date(clock.now().getTime() + HOLD_MS);
  let last: StoredBatch | undefined;
  const look = async () => {
    last = await findBatch(db, owner, id);
    return !last || last.slot === 'done' ? true : undefined;
  };
  await engine.heard(batchEndTopic(buildKey(owner, id)), look, { until });
  return last;
}
