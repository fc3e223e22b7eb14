import {
  CodeBuildClient,
  type EnvironmentVariable,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import type { Outcome } from '../model/outcome.ts';
import type { Artifact } from '../model/state.ts';
import { type Job, roleOf } from './action-type.ts';
import {
  artifactsOf,
  buildEnded,
  failure,
  lookAtBuild,
  outcomeOf,
  pipelineVariables,
  plain,
} from './build.ts';
import { ActionFailure, explain } from './failure.ts';
import { OWN_BUILDS } from './watches.ts';

/*
 * A build without a project, which CodePipeline has CodeBuild run for an action: it is nobody's to see but the
 * pipeline's, and works under the action's role, by what CodePipeline assumes it. CodeBuild's README says how.
 */

export interface ManagedBuild {
  commands: readonly string[];
  /** Names of variables to take out of it. */
  exported?: readonly string[];
  /** Patterns of the output artifact's files; default: all. */
  files?: readonly string[];
  variables?: readonly EnvironmentVariable[];
  /** It needs all rights in its container, to run containers of its own. */
  privileged?: boolean;
}

/** Its end is told to nobody but those inside. */
export const managedBuildEnded = (name: string) => ({
  ...buildEnded(name),
  watches: true as const,
});

const clientOf = (job: Job): CodeBuildClient =>
  job.itself(CodeBuildClient, ['codebuild:StartBuild', 'codebuild:BatchGetBuilds']);

export async function startManagedBuild(job: Job, build: ManagedBuild): Promise<Outcome> {
  const [primary] = job.run.input.inputArtifacts;
  if (!primary)
    throw new ActionFailure('ConfigurationError', 'The action has no input artifact to work on');
  const command = new StartBuildCommand({
    ...{ projectName: `${OWN_BUILDS}${job.pipeline.name}`, ...artifactsOf(job, primary) },
    idempotencyToken: job.run.actionExecutionId,
    serviceRoleOverride: roleOf(job),
    buildspecOverride: buildspec(job, build),
    logsConfigOverride: {
      cloudWatchLogs: { status: 'ENABLED', groupName: `/aws/codepipeline/${job.pipeline.name}` },
    },
    environmentVariablesOverride: [...(build.variables ?? []), ...ownVariables(job, primary)],
    ...(build.privileged && { privilegedModeOverride: true }),
  });
  const started = await explain(clientOf(job).send(command), failure);
  return outcomeOf(started.build ?? {});
}

function ownVariables(job: Job, primary: Artifact): EnvironmentVariable[] {
  // A role of the action's own is assumed from the pipeline's.
  const from = job.run.input.roleArn && job.pipeline.declaration.roleArn;
  return [
    ...pipelineVariables(job, primary),
    ...(from ? [plain('CODEBUILD_PIPELINE_ROLE', from)] : []),
  ];
}

export const lookAtManagedBuild = (job: Job): Promise<Outcome> => lookAtBuild(job, clientOf(job));

/** JSON is YAML. */
function buildspec(job: Job, { commands, exported = [], files = [] }: ManagedBuild): string {
  return JSON.stringify({
    version: 0.2,
    ...(exported.length > 0 && { env: { 'exported-variables': exported } }),
    phases: { build: { commands } },
    ...(job.run.outputArtifacts.length > 0 && {
      artifacts: { files: files.length > 0 ? files : ['**/*'] },
    }),
  });
}
