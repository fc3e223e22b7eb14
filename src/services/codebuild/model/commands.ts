import type { Build } from '@aws-sdk/client-codebuild';
import { FOLLOWED_MS, RETRY_MS, TROUBLE_OVER_MS } from '../limits.ts';
import type { BatchSpec } from './batch/task.ts';
import { type BuildChange, type BuildWork, type Draft, workOf } from './build-draft.ts';
import type { BuildRun } from './build-record.ts';
import { type PhaseEnd, PhaseFailure } from './build-state.ts';
import { isDriven } from './deadlines.ts';
import { COMMAND_PHASES } from './phases.ts';

/** StopBuild: what runs is told to end, what does not ends at once. */
export function requestStop(draft: Draft): void {
  const { slot, stopRequested, run } = draft.state;
  if (slot === 'done' || stopRequested) return;
  draft.set({ stopRequested: true });
  if (isDriven(run)) draft.stopDriver();
}

/** What goes with the end of a phase, or comes to light in the middle of one. */
export interface Change extends Omit<BuildChange, 'build' | 'run' | 'slot' | 'stopRequested'> {
  amend?: (build: Build) => Build;
  run?: Partial<BuildRun>;
}

/** Changes a build that is not over. */
export function amend(draft: Draft, { amend: amended, run, ...columns }: Change): void {
  if (draft.state.slot === 'done') return;
  draft.set(columns);
  if (run) draft.setRun(run);
  if (amended) draft.set({ build: amended(draft.state.build) });
}

/** Something of `work` is done. @returns false, with nothing changed, when the build has moved on in the meantime */
export function noteWork(draft: Draft, work: BuildWork, change: Change): boolean {
  if (workOf(draft.state) !== work) return false;
  amend(draft, change);
  return true;
}

/** `work` is done, and its phase ends with it. @returns false, with nothing changed, when the build has moved on in the meantime */
export function endWork(draft: Draft, work: BuildWork, end: PhaseEnd, change: Change): boolean {
  const taken = noteWork(draft, work, change);
  if (taken) draft.endPhase(end);
  return taken;
}

/** The buildspec of a batch has been read: what reads it has no commands, so their phases are over as well. */
export function endReading(
  draft: Draft,
  { spec, at, resolved }: { spec: BatchSpec; at: Date; resolved: string | undefined },
): void {
  const end: PhaseEnd = { status: 'SUCCEEDED', at };
  const read = endWork(draft, 'DOWNLOAD_SOURCE', end, {
    run: { batchSpec: spec, followed: true },
    amend: (build) => ({ ...build, ...(resolved && { resolvedSourceVersion: resolved }) }),
  });
  while (read && Object.hasOwn(COMMAND_PHASES, draft.phase)) draft.endPhase(end);
}

/** Nothing of the build is left behind, or what is goes while nobody waits for it. */
export function cleared(draft: Draft, later = false): void {
  if (workOf(draft.state) === 'FINALIZING') draft.complete(undefined, later);
}

/** What went wrong with a build's work. */
export interface Trouble {
  work: BuildWork;
  /** When this try of it began, epoch milliseconds. */
  begun: number;
  /** It is the end of its phase; else the trouble is the server's. */
  failure: PhaseFailure | undefined;
  /** The server's own trouble, for who reads the log: no message of the system, which has its paths in it. */
  reason: string;
}

/**
 * Work has failed. What is the server's trouble is tried again, for half a minute: what is begun after that and fails, too,
 * will not come right. How long a try itself takes is not held against it.
 * @returns whether to try again, or that it was given up
 */
export function workFailed(
  draft: Draft,
  { work, begun, failure, reason }: Trouble,
): 'ended' | 'again' | 'given up' {
  const { phase, now, state } = draft;
  if (workOf(state) !== work) return 'ended';
  if (failure && phase !== 'FINALIZING') {
    fail(draft, failure);
    return 'ended';
  }
  const heard = state.logOffset + state.reportOffset;
  const lasts = state.run.trouble?.phase === phase && !wasFollowed(draft, { work, begun, heard });
  const since = lasts ? (state.run.trouble?.since ?? now) : now;
  draft.setRun({ trouble: { phase, since, heard } });
  if (begun - since < RETRY_MS) return 'again';
  if (phase === 'FINALIZING') {
    draft.complete(`What the build left could not be cleared away: ${reason}`);
  } else {
    const message = `The build could not go on: ${reason}. ErrorCode: 500`;
    fail(draft, new PhaseFailure('INTERNAL_SERVICE_ERROR', message, 'FAULT'));
  }
  return 'given up';
}

/**
 * Commands have run on between the last trouble and this, so that it is another: their driver has said something for longer
 * than one answer takes, or nothing at all for longer than anything takes to fail.
 */
function wasFollowed(
  { state, now }: Draft,
  { work, begun, heard }: Pick<Trouble, 'work' | 'begun'> & { heard: number },
): boolean {
  if (work !== 'COMMANDS') return false;
  const before = state.run.trouble?.heard ?? heard;
  return now - begun > (heard > before ? FOLLOWED_MS : TROUBLE_OVER_MS);
}

function fail(draft: Draft, { status, code, message }: PhaseFailure): void {
  // Nobody asks the driver any more.
  if (status === 'FAULT') draft.setRun({ followed: true });
  draft.endPhase({ status, at: new Date(draft.now), code, message });
}
