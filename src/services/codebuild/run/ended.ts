import { EventEmitter } from 'node:events';
import type { Platform } from '../../../kit/service.ts';
import { makeBell } from '../../../lib/bell.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import * as store from '../store.ts';
import type { Owner } from '../tables.ts';

/** Longer than any work may take to end once it has been told to; who waits gets no later answer. */
const HOLD_MS = STOP_GRACE_MS + 5000;
/** How often to look for what another server did. */
const LOOK_MS = 1000;

/**
 * Tells calls in this process that wait for the end of a build, after the commit that ended it. They also look into the
 * database, so nothing depends on it: another server may have ended the build.
 */
const ends = new EventEmitter().setMaxListeners(0);

export function tellEnded(owner: Owner, id: string): void {
  ends.emit(store.buildKey(owner, id));
}

/** The build once it is complete, or as it is when that takes too long; undefined when it was deleted. */
export async function awaitEnd(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  owner: Owner,
  id: string,
): Promise<store.StoredBuild | undefined> {
  const deadline = clock.now().getTime() + HOLD_MS;
  const bell = makeBell(clock);
  const key = store.buildKey(owner, id);
  ends.on(key, bell.ring);
  try {
    for (;;) {
      const found = await store.findBuild(db, owner, id);
      const now = clock.now().getTime();
      if (!found || found.build.buildComplete || now >= deadline) return found;
      await bell.heard(new Date(Math.min(deadline, now + LOOK_MS)));
    }
  } finally {
    ends.off(key, bell.ring);
  }
}
