import type { Build } from '@aws-sdk/client-codebuild';
import { FINALIZING_LIMIT_MS, PROVISIONING_LIMIT_MS, STUCK_MS } from '../limits.ts';
import type { BuildInputs, BuildRun } from './build-record.ts';
import { currentPhase, type PhaseEnd } from './build-state.ts';

export const NEVER = new Date(8_640_000_000_000_000);

/** The driver is in place, and not known to have ended. */
export function isDriven({ spec, followed }: BuildRun): boolean {
  return spec !== undefined && !followed;
}

/** When a build has waited too long for a slot (CB-J1). */
export function queuedUntil({ build, inputs }: { build: Build; inputs: BuildInputs }): Date {
  return new Date((build.startTime?.getTime() ?? 0) + inputs.queuedTimeoutInMinutes * 60_000);
}

/** When the current phase must have ended, whatever it does. */
export function deadlineOf({ build, run }: { build: Build; run: BuildRun }): Date {
  const phase = currentPhase(build);
  const began = build.phases?.at(-1)?.startTime?.getTime() ?? build.startTime?.getTime() ?? 0;
  // Waiting has a time-out of its own (CB-J1).
  if (phase === 'SUBMITTED' || phase === 'QUEUED') return NEVER;
  if (phase === 'FINALIZING') return new Date(began + FINALIZING_LIMIT_MS);
  if (run.deadline === undefined) return new Date(began + PROVISIONING_LIMIT_MS);
  // Commands are told to end when the build's time is up; this is for those that nothing ends.
  return new Date(run.deadline + (isDriven(run) ? STUCK_MS : 0));
}

/** How a phase ends whose time is up (CB-A27). */
export function overdue(
  { inputs, run }: { inputs: BuildInputs; run: BuildRun },
  at: Date,
): PhaseEnd {
  const message =
    run.deadline === undefined
      ? `Provisioning has timed out after ${PROVISIONING_LIMIT_MS / 60_000} minutes.`
      : `Build has timed out after ${inputs.timeoutInMinutes} minutes.`;
  return { status: 'TIMED_OUT', at, code: 'BUILD_TIMED_OUT', message };
}
