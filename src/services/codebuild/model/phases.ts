import type { BuildPhaseType, StatusType } from '@aws-sdk/client-codebuild';
import type { Buildspec, OnFailure, SpecPhase } from './buildspec.ts';

/** All phases of a build in their order (CB-A24). */
export const PHASES = [
  'SUBMITTED',
  'QUEUED',
  'PROVISIONING',
  'DOWNLOAD_SOURCE',
  'INSTALL',
  'PRE_BUILD',
  'BUILD',
  'POST_BUILD',
  'UPLOAD_ARTIFACTS',
  'FINALIZING',
  'COMPLETED',
] as const satisfies BuildPhaseType[];
export type Phase = (typeof PHASES)[number];

/** The phases that run the buildspec's commands. */
export type CommandPhase = 'INSTALL' | 'PRE_BUILD' | 'BUILD' | 'POST_BUILD';

export const COMMAND_PHASES: Record<CommandPhase, SpecPhase> = {
  INSTALL: 'install',
  PRE_BUILD: 'pre_build',
  BUILD: 'build',
  POST_BUILD: 'post_build',
};

const DEFAULT: OnFailure = { kind: 'default' };

/**
 * The phase after `phase` (CB-A25). A build that was stopped or ran out of time goes to its end at once;
 * so does one that failed before BUILD, unless the phase says CONTINUE. A failed BUILD still has its
 * POST_BUILD, unless it says ABORT, and its artifacts.
 */
export function nextPhase(phase: Phase, status: StatusType, onFailure: OnFailure = DEFAULT): Phase {
  if (phase === 'FINALIZING' || phase === 'COMPLETED') return 'COMPLETED';
  if (status === 'STOPPED' || status === 'TIMED_OUT' || status === 'FAULT') return 'FINALIZING';
  const following = PHASES[PHASES.indexOf(phase) + 1] ?? 'COMPLETED';
  if (status === 'SUCCEEDED') return following;
  switch (phase) {
    case 'INSTALL':
    case 'PRE_BUILD':
      return onFailure.kind === 'continue' ? following : 'FINALIZING';
    case 'BUILD':
      return onFailure.kind === 'abort' ? 'UPLOAD_ARTIFACTS' : 'POST_BUILD';
    case 'POST_BUILD':
      return 'UPLOAD_ARTIFACTS';
    default:
      return 'FINALIZING';
  }
}

/** Severest first: what the build is when one of its phases is that (CB-A27). */
const SEVERITY: StatusType[] = ['STOPPED', 'TIMED_OUT', 'FAULT', 'FAILED'];

/** The status of a build whose phases ended so. */
export function buildStatus(phases: { phaseStatus?: StatusType | undefined }[]): StatusType {
  return (
    SEVERITY.find((status) => phases.some((phase) => phase.phaseStatus === status)) ?? 'SUCCEEDED'
  );
}

/** One command of the driver, by its number. */
export interface Step {
  phase: CommandPhase;
  block: 'commands' | 'finally';
  command: string;
}

/** All commands of a buildspec in the order of the file; the driver reports them by their number here. */
export function steps(spec: Pick<Buildspec, 'phases'>): Step[] {
  return (Object.entries(COMMAND_PHASES) as [CommandPhase, SpecPhase][]).flatMap(
    ([phase, name]) => {
      const found = spec.phases[name];
      return (['commands', 'finally'] as const).flatMap((block) =>
        (found?.[block] ?? []).map((command) => ({ phase, block, command })),
      );
    },
  );
}

/** The message of a failed command's phase context (CB-A28). */
export function commandError(command: string, exitStatus: number): string {
  return `Error while executing command: ${command}. Reason: exit status ${exitStatus}`;
}
