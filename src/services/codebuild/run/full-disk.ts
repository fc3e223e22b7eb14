import type { ServiceContext } from '../../../kit/service.ts';
import { passed } from '../../../lib/clock.ts';
import { isStorageFull } from '../../../lib/storage-full.ts';
import { buildNotFound } from '../errors.ts';
import { RETRY_MS, STOP_GRACE_MS } from '../limits.ts';
import { planArtifacts } from '../model/artifacts.ts';
import { type PhaseEnd, PhaseFailure } from '../model/build-state.ts';
import { requestStop } from '../model/commands.ts';
import { deadlineOf } from '../model/deadlines.ts';
import { settle } from '../reconcilers/build.ts';
import { buildKey } from '../reconcilers/names.ts';
import type { StoredBuild } from '../store/builds.ts';
import * as store from '../store/builds.ts';
import { endFiller, fillsDisk } from './disk-filler.ts';
import { commitPhase, type Session } from './session.ts';
import { removeTemporary } from './work-place.ts';

/** A disk that is full for so long will not be freed by others: work that has ended gives up its tree. */
const RECLAIM_MS = 10_000;
/** What its log does not have yet goes as well when the tree was not enough. */
const RECLAIM_OUTPUT_MS = 2 * RECLAIM_MS;
const LOOK_MS = 1000;

/** For the log of a build whose tree was given up. */
export const GIVEN_UP =
  'The disk of the build machine was full: what the build left was given up, and output that was not in the log yet';

/** When the steps of a build found no room, first and last. In memory: there is no room to write it. */
const episodes = new Map<string, { since: number; last: number }>();
/** Builds whose StopBuild found no room to be noted. */
const stopping = new Set<string>();

/** StopBuild was called, and may not be in the database yet. */
export function isStopRequested(stored: StoredBuild): boolean {
  return stored.stopRequested || stopping.has(buildKey(stored, stored.id));
}

/**
 * Notes that a build is to stop. What fills the disk is often the build itself, so when there is no room its work is ended
 * and given up first.
 * @throws AwsError when there is no such build; that the disk is full when it still is
 */
export async function stopBuild(ctx: ServiceContext, id: string): Promise<void> {
  try {
    await noteStop(ctx, id);
  } catch (error) {
    const found = isStorageFull(error) && (await store.findBuild(ctx.db, ctx, id));
    if (!found || found.build.buildComplete) throw error;
    const key = buildKey(ctx, id);
    stopping.add(key);
    try {
      await endWork(ctx, found);
      await noteStop(ctx, id);
    } finally {
      stopping.delete(key);
    }
  }
}

async function noteStop(ctx: ServiceContext, id: string): Promise<void> {
  const noted = await ctx.transaction((tx) => settle(ctx, tx, buildKey(ctx, id), requestStop));
  if (!noted) throw buildNotFound(id);
}

/**
 * After a step that found no room: gives up what the build no longer needs, ends the build when it cannot go on, and waits
 * a moment before the next try. Not left to the engine, which could not note when to try again.
 */
export async function makeRoom(session: Session, error: unknown): Promise<void> {
  const { platform, stored, work, signal } = session;
  platform.log.error({ build: stored.id, err: error }, 'a build found no room');
  const now = platform.clock.now();
  const lasted = lastedUntil(stored, now.getTime());
  const { handle } = stored.run;
  if (stored.stopRequested || now >= deadlineOf(stored)) await endWork(platform, stored);
  else if (lasted >= RETRY_MS && work !== 'COMMANDS' && work !== 'FINALIZING') {
    await endWork(platform, stored);
    await commitPhase(session, outOfRoom(now)).catch((again) => {
      if (!isStorageFull(again)) throw again;
    });
  } else if (work === 'COMMANDS' && (await fillsDisk(session))) await endFiller(session);
  else if (handle && lasted >= RECLAIM_MS) {
    await platform.executors.reclaim(handle, { output: lasted >= RECLAIM_OUTPUT_MS });
  }
  await passed(platform.clock, LOOK_MS, signal);
}

/** The steps of this build find room. */
export function foundRoom(key: string): void {
  episodes.delete(key);
}

/** For how long, in milliseconds, the build has found no room. Work that had found some in between begins anew. */
function lastedUntil(stored: StoredBuild, now: number): number {
  const key = buildKey(stored, stored.id);
  const before = episodes.get(key);
  const since = before && now - before.last < RECLAIM_MS ? before.since : now;
  episodes.set(key, { since, last: now });
  return now - since;
}

/** Ends the work of a build that is over in any case, and gives up all that it holds. */
async function endWork(
  { executors, config }: Pick<ServiceContext, 'executors' | 'config'>,
  stored: StoredBuild,
): Promise<void> {
  const { handle } = stored.run;
  if (handle) {
    await executors.stop(handle, STOP_GRACE_MS);
    await executors.reclaim(handle, { output: true });
  }
  await removeTemporary(config, stored);
}

function outOfRoom(at: Date): PhaseEnd {
  const message =
    'The build could not go on: the disk of the build machine is full. ErrorCode: 500';
  return { status: 'FAULT', at, code: 'INTERNAL_SERVICE_ERROR', message };
}

/** @throws PhaseFailure when the build has artifacts, and they went with its tree */
export async function checkTree({ platform, stored }: Session): Promise<void> {
  const { handle, spec } = stored.run;
  if (!handle || !spec || planArtifacts(stored.inputs, spec).plans.length === 0) return;
  if (!(await platform.executors.attach(handle)).reclaimed) return;
  const message =
    'The disk of the build machine was full, and the artifacts were given up. ErrorCode: 500';
  throw new PhaseFailure('INTERNAL_SERVICE_ERROR', message, 'FAULT');
}
