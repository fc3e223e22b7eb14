import { defineReconciler } from '../../../engine/engine.ts';
import { CannotRun, ImagePullError, StartError } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { launch } from '../compute/launch.ts';
import { serve } from '../compute/serve.ts';
import { GRACE_MS, MAX_INSTANCES_IN_ALL } from '../limits.ts';
import { type Draft, type Work, workOf } from '../model/advance.ts';
import type { Instance } from '../model/instance.ts';
import { findInstance } from '../store/instances.ts';
import { sweeps } from '../sweeps.ts';
import { settle } from './instance.ts';
import { COMPUTE, instanceKey, parseKey } from './names.ts';

/** Each instance that runs has one, and some are left for those that stop: as many as there may be, and more. */
const CONCURRENCY = MAX_INSTANCES_IN_ALL + 200;

/**
 * Does what an instance needs on the executor, one thing after another, and stays with one that runs: so that over all servers one
 * alone starts, serves, stops and removes it. Each can be repeated from what is committed.
 */
export const computeReconciler = defineReconciler<Platform>({
  name: COMPUTE,
  concurrency: CONCURRENCY,
  stays: true,
  async reconcile(platform, key, signal) {
    const { id, ...owner } = parseKey(key);
    while (!signal.aborted) {
      const instance = await findInstance(platform.db, owner, id);
      const work = instance && workOf(instance);
      if (!work) return undefined;
      await step(platform, instance, work, signal);
    }
    return 'now';
  },
  sweep: sweeps[COMPUTE],
});

async function step(platform: Platform, instance: Instance, work: Work, signal: AbortSignal) {
  const { executors } = platform;
  const { handle } = instance;
  const tell = (command: (draft: Draft) => void) =>
    platform.transaction((tx) => settle(platform, tx, instanceKey(instance, instance.id), command));
  if (work === 'serve') {
    if (await isLost(platform, instance)) return tell((draft) => draft.lost(LOST));
    return serve(platform, instance, signal);
  }
  if (work === 'stop') {
    // By its name: a server that was killed may have started it and not told of it. What was never brought up is not there; the
    // next start makes it.
    await executors.stopWork(instance.body.place.work, GRACE_MS);
    return tell((draft) => draft.stopped());
  }
  if (work === 'remove') {
    if (handle) await executors.remove(handle);
    else await executors.removeWork(instance.body.place.work);
    return tell((draft) => draft.removed());
  }
  if (work === 'reboot' && handle) await executors.stop(handle, GRACE_MS);
  return bringUp(platform, instance, tell);
}

const LOST = 'what it ran in is gone';

/** Somebody removed its container. */
async function isLost({ executors }: Platform, { handle }: Instance): Promise<boolean> {
  return handle === undefined || (await executors.attach(handle)).state === 'absent';
}

async function bringUp(
  platform: Platform,
  instance: Instance,
  tell: (command: (draft: Draft) => void) => Promise<unknown>,
): Promise<unknown> {
  const { handle: known, wantedBoots: boot } = instance;
  if (known !== undefined && (await isLost(platform, instance)))
    return tell((draft) => draft.lost(LOST));
  try {
    const { handle, address } = await launch(platform, instance);
    return await tell((draft) => draft.cameUp({ handle, address, boot }));
  } catch (error) {
    const isFinal =
      error instanceof ImagePullError || error instanceof StartError || error instanceof CannotRun;
    if (!isFinal) throw error;
    return tell((draft) => draft.failed(error.message));
  }
}
