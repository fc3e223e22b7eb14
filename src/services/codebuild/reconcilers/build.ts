import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../service.ts';
import { currentPhase, PhaseFailure } from '../model/build-state.ts';
import { COMMAND_PHASES } from '../model/phases.ts';
import { downloadSource } from '../run/download.ts';
import { finish } from '../run/finish.ts';
import { follow } from '../run/follow.ts';
import { provision } from '../run/provision.ts';
import { takeSlot } from '../run/queue.ts';
import { commitPhase, failureOf, type Session } from '../run/session.ts';
import { uploadArtifacts } from '../run/upload.ts';
import type { StoredBuild } from '../store.ts';
import * as store from '../store.ts';

/** More builds than this are not admitted at a time anyway; those that wait take a moment each. */
const CONCURRENCY = 100;
const SWEEP = 1000;

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
      const again = await step({ platform, stored, signal });
      if (again) return again;
    }
    return 'now';
  },
  sweep: (platform) => store.keysInSlots(platform.db, ['running', 'queued'], SWEEP),
});

/** One step. @returns when to look again, undefined for at once */
async function step(session: Session): Promise<Date | undefined> {
  const { platform, stored, signal } = session;
  const before = !hasDriver(stored);
  if (before && stored.stopRequested && currentPhase(stored.build) !== 'FINALIZING') {
    await commitPhase(session, { status: 'STOPPED', at: platform.clock.now() });
    return undefined;
  }
  try {
    return await (hasDriver(stored) ? follow(session).then(() => undefined) : phaseStep(session));
  } catch (error) {
    if (signal.aborted) throw error;
    // While the driver runs, its phases are its own: what goes wrong here is tried again.
    const failure = (hasDriver(stored) ? undefined : failureOf(error)) ?? (await lostWork(session));
    if (!failure) throw error;
    const { status, code, message } = failure;
    const run = failure.status === 'FAULT' ? { run: { followed: true } } : {};
    await commitPhase(session, { status, at: platform.clock.now(), code, message }, run);
    return undefined;
  }
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
      await uploadArtifacts(session);
      return undefined;
    default:
      await finish(session);
      return undefined;
  }
}
