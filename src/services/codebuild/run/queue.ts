import { CONCURRENT_BUILDS } from '../limits.ts';
import { currentPhase } from '../model/build-state.ts';
import * as store from '../store.ts';
import { commitPhase, movePhase, type Session } from './session.ts';

/** QUEUED: waits for a slot. @returns when to look again, undefined once it has one */
export async function takeSlot(session: Session): Promise<Date | undefined> {
  const { platform, stored } = session;
  const now = platform.clock.now();
  const until = new Date(
    (stored.build.startTime?.getTime() ?? 0) + stored.inputs.queuedTimeoutInMinutes * 60_000,
  );
  if (now >= until) {
    const message = `Build has timed out in the queue after ${stored.inputs.queuedTimeoutInMinutes} minutes`;
    await commitPhase(session, { status: 'TIMED_OUT', at: now, code: 'BUILD_TIMED_OUT', message });
    return undefined;
  }
  const admitted = await platform.transaction(async (tx) => {
    const fresh = await store.findBuild(tx, stored, stored.id);
    if (!fresh || currentPhase(fresh.build) !== 'QUEUED') return true;
    if ((await store.countRunning(tx)) >= CONCURRENT_BUILDS) return false;
    const build = await movePhase(platform, tx, fresh, fresh.build, {
      status: 'SUCCEEDED',
      at: now,
    });
    await store.updateBuild(tx, fresh, fresh.id, { build, slot: 'running' });
    return true;
  });
  return admitted ? undefined : until;
}
