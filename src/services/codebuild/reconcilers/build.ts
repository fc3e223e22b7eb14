import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { isStorageFull } from '../../../lib/storage-full.ts';
import { RETRY_MS } from '../limits.ts';
import { currentPhase, PhaseFailure } from '../model/build-state.ts';
import { deadlineOf, overdue } from '../model/deadlines.ts';
import { COMMAND_PHASES } from '../model/phases.ts';
import { bounded, StepEnded } from '../run/bounds.ts';
import { downloadSource } from '../run/download.ts';
import { complete, finish } from '../run/finish.ts';
import { follow } from '../run/follow.ts';
import { checkTree, foundRoom, makeRoom } from '../run/full-disk.ts';
import { provision } from '../run/provision.ts';
import { takeSlot } from '../run/queue.ts';
import { commitChange, commitPhase, failureOf, type Session } from '../run/session.ts';
import { uploadArtifacts } from '../run/upload.ts';
import type { StoredBuild } from '../store.ts';
import * as store from '../store.ts';
import { sweeps } from '../sweeps.ts';

/** More builds than this are not admitted at a time anyway; those that wait take a moment each. */
const CONCURRENCY = 100;

/**
 * Takes a build from phase to phase. It stays with a running build until the end, so that the build has one
 * follower at a time over all servers; every step can be repeated from what is committed.
 */
export const buildReconciler = defineReconciler<Platform>({
  name: 'codebuild/build',
  concurrency: CONCURRENCY,
  async reconcile(platform, key, signal) {
    const { id, ...owner } = store.parseBuildKey(key);
    while (!signal.aborted) {
      const stored = await store.findBuild(platform.db, owner, id);
      if (!stored || stored.slot === 'done') return undefined;
      const session = { platform, stored, signal };
      try {
        const again = await step(session);
        foundRoom(key);
        if (again) return again;
      } catch (error) {
        if (signal.aborted || !isStorageFull(error)) throw error;
        await makeRoom(session, error);
      }
    }
    return 'now';
  },
  sweep: sweeps['codebuild/build'],
});

/** One step. @returns when to look again, undefined for at once */
async function step(session: Session): Promise<Date | undefined> {
  const { platform, stored } = session;
  const following = hasDriver(stored);
  const final = currentPhase(stored.build) === 'FINALIZING';
  const at = platform.clock.now();
  if (!following && !final) {
    if (stored.stopRequested) return commitPhase(session, { status: 'STOPPED', at }).then(nothing);
    // Found so by a server that has just been started: what is over is not begun again.
    if (at >= deadlineOf(stored)) return commitPhase(session, overdue(stored, at)).then(nothing);
  }
  try {
    const run = (bound: Session) => (following ? follow(bound).then(nothing) : phaseStep(bound));
    return await bounded(session, !following && !final, run);
  } catch (error) {
    return endOf(session, error, following).then(nothing);
  }
}

const nothing = () => undefined;

/** A step that failed: the end of its phase, or a reason to try again (throws). */
async function endOf(session: Session, error: unknown, following: boolean): Promise<void> {
  const { platform, stored, signal } = session;
  if (signal.aborted || (isStorageFull(error) && !failureOf(error))) throw error;
  if (currentPhase(stored.build) === 'FINALIZING') {
    if (!(error instanceof StepEnded) && !(await isEndless(session))) throw error;
    await complete(session, `What the build left could not be cleared away: ${reasonOf(error)}`);
    platform.log.error({ build: stored.id, err: error }, 'a build could not be cleared away');
    return;
  }
  const over = following ? { run: { followed: true } } : {};
  if (error instanceof StepEnded) return commitPhase(session, error.end, over);
  // While the driver runs, its phases are its own: what goes wrong here is tried again.
  const failure =
    (following ? undefined : failureOf(error)) ??
    (await lostWork(session)) ??
    (await endlessFailure(session, error));
  if (!failure) throw error;
  const { status, code, message } = failure;
  const run = failure.status === 'FAULT' ? { run: { followed: true } } : {};
  await commitPhase(session, { status, at: platform.clock.now(), code, message }, run);
}

/** What is tried again without success for half a minute will not come right: the build ends, and says why. */
async function endlessFailure(session: Session, error: unknown): Promise<PhaseFailure | undefined> {
  if (!(await isEndless(session))) return undefined;
  const { platform, stored } = session;
  platform.log.error({ build: stored.id, err: error }, 'a build was given up');
  const message = `The build could not go on: ${reasonOf(error)}. ErrorCode: 500`;
  return new PhaseFailure('INTERNAL_SERVICE_ERROR', message, 'FAULT');
}

/** Also remembers since when it has been failing. */
async function isEndless(session: Session): Promise<boolean> {
  const { platform, stored } = session;
  const phase = currentPhase(stored.build);
  const now = platform.clock.now().getTime();
  const { trouble } = stored.run;
  if (trouble?.phase === phase) return now - trouble.since >= RETRY_MS;
  await commitChange(session, { run: { trouble: { phase, since: now } } });
  return false;
}

/** The kind of trouble: messages of the system have the server's paths in them. */
function reasonOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name ?? 'unknown';
}

/** The work is nowhere: removed by somebody, or on a machine that this server does not see. */
async function lostWork({ platform, stored }: Session): Promise<PhaseFailure | undefined> {
  const { handle } = stored.run;
  if (!handle || (await platform.executor.attach(handle)).state !== 'absent') return undefined;
  const message =
    'Build container found dead before completing the build: it is gone. ErrorCode: 500';
  return new PhaseFailure('INTERNAL_SERVICE_ERROR', message, 'FAULT');
}

/** The driver is in place, and not known to have ended. */
function hasDriver({ run }: StoredBuild): boolean {
  return run.spec !== undefined && !run.followed;
}

async function phaseStep(session: Session): Promise<Date | undefined> {
  const phase = currentPhase(session.stored.build);
  if (Object.hasOwn(COMMAND_PHASES, phase)) throw new Error(`no driver in ${phase}`);
  switch (phase) {
    case 'QUEUED':
      return takeSlot(session);
    case 'PROVISIONING':
      await provision(session);
      return undefined;
    case 'DOWNLOAD_SOURCE':
      await downloadSource(session);
      return undefined;
    case 'UPLOAD_ARTIFACTS':
      await checkTree(session);
      await uploadArtifacts(session);
      return undefined;
    default:
      await finish(session);
      return undefined;
  }
}
