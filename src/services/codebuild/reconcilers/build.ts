import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../service.ts';
import { currentPhase } from '../model/build-state.ts';
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
    const failure = signal.aborted ? undefined : failureOf(error);
    if (!failure) throw error;
    const { status, code, message } = failure;
    await commitPhase(session, { status, at: platform.clock.now(), code, message });
    return undefined;
  }
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
