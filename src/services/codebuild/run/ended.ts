import type { Platform } from '../../../kit/service.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import { buildKey, endTopic } from '../reconcilers/names.ts';
import * as store from '../store/builds.ts';
import type { Owner } from '../store/tables.ts';

/** Longer than any work may take to end once it has been told to; who waits gets no later answer. */
const HOLD_MS = STOP_GRACE_MS + 5000;

/** The build once it is complete, or as it is when that takes too long; undefined when it was deleted. */
export async function awaitEnd(
  { db, clock, engine }: Pick<Platform, 'db' | 'clock' | 'engine'>,
  owner: Owner,
  id: string,
): Promise<store.StoredBuild | undefined> {
  const until = new Date(clock.now().getTime() + HOLD_MS);
  let last: store.StoredBuild | undefined;
  const look = async () => {
    last = await store.findBuild(db, owner, id);
    return !last || last.build.buildComplete ? true : undefined;
  };
  await engine.heard(endTopic(buildKey(owner, id)), look, { until });
  return last;
}
