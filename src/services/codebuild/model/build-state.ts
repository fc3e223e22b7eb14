import type { Build, BuildPhase, StatusType } from '@aws-sdk/client-codebuild';
import type { OnFailure } from './buildspec.ts';
import { buildStatus, nextPhase, type Phase } from './phases.ts';

/** How a phase ended. */
export interface PhaseEnd {
  status: StatusType;
  at: Date;
  /** Of a phase that did not succeed (CB-A28). */
  code?: string;
  message?: string;
  onFailure?: OnFailure;
}

/** A failure that is the end of a phase: a value of the work, not an error of the server. */
export class PhaseFailure extends Error {
  override readonly name = 'PhaseFailure';
  readonly status: StatusType;
  readonly code: string;

  constructor(code: string, message: string, status: StatusType = 'FAILED') {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function currentPhase(build: Build): Phase {
  return (build.currentPhase ?? 'SUBMITTED') as Phase;
}

/** Ends the current phase and begins the next; the last one completes the build. @returns the build and the phase that ended */
export function endPhase(build: Build, end: PhaseEnd): { build: Build; ended: BuildPhase } {
  const phases = build.phases ?? [];
  // Why it waited is over with the wait.
  const { contexts: _, ...open }: BuildPhase = phases.at(-1) ?? {};
  const startTime = open.startTime ?? end.at;
  const endTime = new Date(Math.max(end.at.getTime(), startTime.getTime()));
  const ended: BuildPhase = {
    ...open,
    phaseStatus: end.status,
    startTime,
    endTime,
    durationInSeconds: Math.floor((endTime.getTime() - startTime.getTime()) / 1000),
    ...(hasContext(currentPhase(build), end) && {
      contexts: [{ statusCode: end.code ?? '', message: end.message ?? '' }],
    }),
  };
  const next = nextPhase(currentPhase(build), end.status, end.onFailure);
  const all = [...phases.slice(0, -1), ended];
  const moved: Build = {
    ...build,
    currentPhase: next,
    phases: [...all, { phaseType: next, startTime: endTime }],
  };
  if (next !== 'COMPLETED') return { build: moved, ended };
  // Of a build that was stopped AWS shows no phase behind the one that was.
  const stopped = phases.findIndex(({ phaseStatus }) => phaseStatus === 'STOPPED');
  const shown = stopped < 0 ? all : all.slice(0, stopped + 1);
  return {
    build: {
      ...moved,
      phases: [...shown, { phaseType: next, startTime: endTime }],
      buildStatus: buildStatus(all),
      buildComplete: true,
      endTime,
    },
    ended,
  };
}

/** AWS has an empty context for the phases of the container, and none for a wait that went well. */
function hasContext(phase: Phase, { code }: PhaseEnd): boolean {
  return code !== undefined || phase !== 'QUEUED';
}

/** The driver writes the log of its own phases; the lines of the others are the server's. */
const SERVER_PHASES: Phase[] = ['PROVISIONING', 'DOWNLOAD_SOURCE', 'UPLOAD_ARTIFACTS'];

/** The lines of the log that the server writes behind the driver's, once `phase` has ended. */
export function closingLines(before: string[], phase: Phase, end: PhaseEnd): string[] {
  const silent = end.status === 'SUCCEEDED' && phase !== 'UPLOAD_ARTIFACTS';
  if (silent || !SERVER_PHASES.includes(phase)) return before;
  return [
    ...before,
    `Phase complete: ${phase} State: ${end.status}`,
    `Phase context status code: ${end.code ?? ''} Message: ${end.message ?? ''}`,
  ];
}

/** The build with why it waits in its phase; the same one where it says that already. */
export function waiting(build: Build, reason: string | undefined): Build {
  const { phases = [] } = build;
  const { contexts, ...open } = phases.at(-1) ?? {};
  if (contexts?.[0]?.message === reason) return build;
  const context = reason && { contexts: [{ statusCode: WAITS, message: reason }] };
  return { ...build, phases: [...phases.slice(0, -1), { ...open, ...context }] };
}

/** AWS's word for a fleet that has too few machines. */
const WAITS = 'INSUFFICIENT_CAPACITY';

/** The driver knows better than the server when a phase began. */
export function beginPhase(build: Build, phase: Phase, at: Date): Build {
  const phases = build.phases ?? [];
  const open = phases.at(-1);
  if (open?.phaseType !== phase) return build;
  const before = phases.at(-2)?.endTime;
  return {
    ...build,
    phases: [...phases.slice(0, -1), { ...open, startTime: before && at < before ? before : at }],
  };
}
