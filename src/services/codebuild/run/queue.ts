import type { Tx } from '../../../db/database.ts';
import { bearableBuilds } from '../../../executors/capacity.ts';
import type { Platform } from '../../../kit/service.ts';
import { RUNNING_BUILDS } from '../limits.ts';
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
    if (!(await hasRoom(platform, tx, fresh))) return false;
    const build = await movePhase(platform, tx, fresh, fresh.build, {
      status: 'SUCCEEDED',
      at: now,
    });
    await store.updateBuild(tx, fresh, fresh.id, { build, slot: 'running' });
    return true;
  });
  return admitted ? undefined : until;
}

/** Room on the machines, for everybody, and under the account's quota for builds of this size. */
async function hasRoom(platform: Platform, tx: Tx, build: store.StoredBuild): Promise<boolean> {
  const machine = platform.config.builds ?? bearableBuilds();
  if ((await store.countRunning(tx)) >= machine) return false;
  const quota = RUNNING_BUILDS[build.inputs.environment.computeType ?? ''];
  if (!quota) return true;
  const allowed = await platform.quotas.value(tx, build, 'codebuild', quota);
  return (await store.countRunningOn(tx, build, build.inputs.environment.computeType)) < allowed;
}
