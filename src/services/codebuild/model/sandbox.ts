import type { Sandbox, SandboxSessionPhase } from '@aws-sdk/client-codebuild';
import { defined } from '../../../lib/defined.ts';
import { ownValue } from '../../../lib/own.ts';
import type { BuildFacts } from './build-draft.ts';
import type { BuildInputs } from './build-record.ts';
import { sessionTargetOf } from './debug.ts';
import { buildInputs, type Start } from './new-build.ts';

/*
 * A sandbox (CB-J9) is a build whose one command runs what StartCommandExecution brings, until it is stopped or its time is
 * up. So it queues, is provisioned, logs, survives the server's end and is cleared away as builds are.
 */

/** Of the name that a sandbox's row has for its project: it is no build of that. */
export const SANDBOX_PREFIX = 'sandbox/';

const BUILDSPEC = 'version: 0.2\nphases:\n  build:\n    commands:\n      - codebuild-sandbox\n';

/** What a sandbox is started with. @throws RuleError in AWS's words */
export function sandboxInputs(start: Omit<Start, 'uuid' | 'buildNumber' | 'now'>): BuildInputs {
  const inputs = buildInputs({
    ...start,
    input: {
      ...{ projectName: start.input.projectName, buildspecOverride: BUILDSPEC },
      ...{ artifactsOverride: { type: 'NO_ARTIFACTS' }, secondaryArtifactsOverride: [] },
    },
  });
  return { ...inputs, sandbox: true, debug: {} };
}

/** The phases that a sandbox has; those of its commands are one. */
const PHASES: Readonly<Record<string, string>> = {
  SUBMITTED: 'SUBMITTED',
  QUEUED: 'QUEUED',
  PROVISIONING: 'PROVISIONING',
  DOWNLOAD_SOURCE: 'DOWNLOAD_SOURCE',
  BUILD: 'RUN_SANDBOX',
  COMPLETED: 'COMPLETED',
};

/** As BatchGetSandboxes shows it. */
export function sandboxOf(stored: Pick<BuildFacts, 'id' | 'build' | 'inputs'>): Sandbox {
  const { id, build, inputs } = stored;
  const [, uuid = ''] = sessionTargetOf(id).split(':');
  const current = build.buildComplete ? 'COMPLETED' : phaseOf(build.currentPhase ?? '');
  const phases = (build.phases ?? []).flatMap((phase): SandboxSessionPhase[] => {
    const phaseType = ownValue(PHASES, phase.phaseType ?? '');
    return phaseType === undefined ? [] : [{ ...phase, phaseType }];
  });
  const startTime = phases.find(({ phaseType }) => phaseType === 'PROVISIONING')?.startTime;
  const status = build.buildComplete ? build.buildStatus : current;
  const { endTime, resolvedSourceVersion, logs } = build;
  return {
    ...{ id, arn: sandboxArn(build.arn ?? '') },
    ...defined({ projectName: build.projectName, requestTime: build.startTime }),
    ...defined({ startTime, endTime, status, sourceVersion: inputs.sourceVersion }),
    source: inputs.source,
    ...{ secondarySources: inputs.secondarySources },
    ...{ secondarySourceVersions: inputs.secondarySourceVersions },
    environment: { ...inputs.environment, environmentVariables: inputs.environmentVariables },
    timeoutInMinutes: inputs.timeoutInMinutes,
    queuedTimeoutInMinutes: inputs.queuedTimeoutInMinutes,
    ...defined({ logConfig: inputs.logsConfig, vpcConfig: inputs.vpcConfig }),
    ...defined({ fileSystemLocations: inputs.fileSystemLocations }),
    encryptionKey: inputs.encryptionKey,
    serviceRole: inputs.serviceRole,
    currentSession: {
      ...{ id: uuid, currentPhase: current, phases },
      ...defined({ status: build.buildComplete ? build.buildStatus : 'IN_PROGRESS' }),
      ...defined({ startTime, endTime, resolvedSourceVersion, logs }),
    },
  };
}

export const sandboxArn = (buildArn: string): string => buildArn.replace(':build/', ':sandbox/');

/** Are its commands taken? */
export const takesCommands = ({ build, inputs }: Pick<BuildFacts, 'build' | 'inputs'>): boolean =>
  inputs.sandbox === true && !build.buildComplete && build.currentPhase === 'BUILD';

/** A sandbox that is not ready for commands yet is still being made; what clears it away is no phase of its own. */
function phaseOf(phase: string): string {
  const making = phase === 'INSTALL' || phase === 'PRE_BUILD';
  return ownValue(PHASES, phase) ?? (making ? 'DOWNLOAD_SOURCE' : 'RUN_SANDBOX');
}
