import { defineReconciler } from '../../../engine/engine.ts';
import { ComputeAway, StartError } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { isStorageFull } from '../../../lib/storage-full.ts';
import { workOf } from '../model/build-draft.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { workFailed } from '../model/commands.ts';
import { readBatchSpec } from '../run/batch-spec.ts';
import { bounded, StepEnded } from '../run/bounds.ts';
import { downloadSource } from '../run/download.ts';
import { finish } from '../run/finish.ts';
import { follow } from '../run/follow.ts';
import { checkTree, foundRoom, makeRoom } from '../run/full-disk.ts';
import { provision } from '../run/provision.ts';
import { commit, failureOf, type Session } from '../run/session.ts';
import { uploadArtifacts } from '../run/upload.ts';
import * as store from '../store/builds.ts';
import { sweeps } from '../sweeps.ts';
import { parseBuildKey, WORK } from './names.ts';

/** More builds than this are not admitted at a time anyway. */
const CONCURRENCY = 100;
/** A build may last 36 hours (timeoutInMinutes); its own deadlines end it before this. */
const LONGEST_MS = 37 * 60 * 60_000;

/**
 * Does the work of a build's phases. It stays with a running build until the end, so that the build has one follower at
 * a time over all servers; every step can be repeated from what is committed.
 */
export const workReconciler = defineReconciler<Platform>({
  name: WORK,
  concurrency: CONCURRENCY,
  longestMs: LONGEST_MS,
  async reconcile(platform, key, signal) {
    const { id, ...owner } = parseBuildKey(key);
    while (!signal.aborted) {
      const stored = await store.findBuild(platform.db, owner, id);
      const work = stored && workOf(stored);
      if (!work) return undefined;
      const session = { platform, stored, work, signal };
      try {
        await step(session);
        foundRoom(key);
      } catch (error) {
        if (signal.aborted || !isStorageFull(error)) throw error;
        await makeRoom(session, error);
      }
    }
    return 'now';
  },
  sweep: sweeps[WORK],
});

async function step(session: Session): Promise<void> {
  // Found so by a server that has just been started: what is over is not begun again.
  const now = await commit(session, ({ state }) => state);
  if (!now || workOf(now) !== session.work) return;
  const begun = session.platform.clock.now().getTime();
  try {
    await bounded(session, doWork);
  } catch (error) {
    await failed(session, begun, error);
  }
}

async function doWork(session: Session): Promise<void> {
  switch (session.work) {
    case 'COMMANDS':
      return follow(session);
    case 'PROVISIONING':
      return provision(session);
    case 'DOWNLOAD_SOURCE':
      if (session.stored.inputs.batch?.reads) return readBatchSpec(session);
      return downloadSource(session);
    case 'UPLOAD_ARTIFACTS':
      await checkTree(session);
      return uploadArtifacts(session);
    case 'FINALIZING':
      return finish(session);
    default:
      throw new Error(`no driver in ${session.work}`);
  }
}

/** A step that failed: the end of its phase, or a reason to try again (throws). */
async function failed(session: Session, begun: number, error: unknown): Promise<void> {
  const { platform, stored, work, signal } = session;
  if (signal.aborted || (isStorageFull(error) && !failureOf(error))) throw error;
  // Whoever ended it has said how; that its time is up is noted now.
  if (error instanceof StepEnded) return void (await commit(session, () => undefined));
  // While the driver runs, its phases are its own: what goes wrong here is tried again.
  const failure = (work === 'COMMANDS' ? undefined : failureOf(error)) ?? (await lostWork(session));
  const trouble = { work, begun, failure, reason: reasonOf(error) };
  const result = await commit(session, (draft) => workFailed(draft, trouble));
  if (result === 'again') throw error;
  if (result !== 'given up') return;
  platform.log.error({ build: stored.id, err: error }, 'a build was given up');
}

/** The kind of trouble: messages of the system have the server's paths in them. */
function reasonOf(error: unknown): string {
  if (error instanceof ComputeAway || error instanceof StartError) return error.message;
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name ?? 'unknown';
}

/** The work is nowhere: removed by somebody, or on a machine that this server does not see. */
async function lostWork({ platform, stored }: Session): Promise<PhaseFailure | undefined> {
  const { handle } = stored.run;
  if (!handle || !(await isGone(platform, handle))) return undefined;
  const message =
    'Build container found dead before completing the build: it is gone. ErrorCode: 500';
  return new PhaseFailure('INTERNAL_SERVICE_ERROR', message, 'FAULT');
}

/** Of what runs it and is away nobody knows: that is the trouble itself. */
async function isGone({ executors }: Platform, handle: string): Promise<boolean> {
  try {
    return (await executors.attach(handle)).state === 'absent';
  } catch (error) {
    if (!(error instanceof ComputeAway)) throw error;
    return false;
  }
}
