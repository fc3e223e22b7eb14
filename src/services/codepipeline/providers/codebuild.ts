import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  type EnvironmentVariable,
  StartBuildCommand,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ActionProgress, Artifact, ArtifactLocation } from '../model/state.ts';
import { defineActionType, type Job, requiredSetting, setting } from './action-type.ts';
import { parseEnvironment } from './build-environment.ts';
import { ActionFailure, describe, explain, isDenied } from './failure.ts';

/** A build of a project (CP-B6). What the overrides mean is in CodeBuild's README. */
export const codeBuild = defineActionType({
  categories: ['Build', 'Test'],
  provider: 'CodeBuild',
  inputs: [1, 5],
  outputs: [0, 5],
  timeoutMinutes: 8 * 60,
  configuration: [
    { name: 'ProjectName', required: true, key: true, description: 'The build project to run.' },
    {
      name: 'PrimarySource',
      description: 'The input artifact that holds the buildspec; needed with several inputs.',
    },
    { name: 'EnvironmentVariables', description: 'JSON array of {name, value, type}.' },
    {
      name: 'BatchEnabled',
      description: 'Run a batch of builds (default false).',
      type: 'Boolean',
      default: 'false',
      unsupported: true,
    },
    {
      name: 'CombineArtifacts',
      description: 'Put the artifacts of a batch into one (default false).',
      type: 'Boolean',
      default: 'false',
      unsupported: true,
    },
  ],
  rules,
  // What the build exports.
  outputVariables: 'any',
  links: {
    entity: { console: 'codebuild', fragment: '/projects/{Config:ProjectName}/view' },
    execution: { console: 'codebuild', fragment: '/builds/{ExternalExecutionId}/view/new' },
  },
  hears: [
    {
      name: 'build-ended',
      pattern: {
        'detail-type': ['CodeBuild Build State Change'],
        detail: { 'build-status': ['SUCCEEDED', 'FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'] },
      },
      // The ARN's resource is `build/PROJECT:UUID`.
      work: (event) => String(event.detail['build-id']).replace(/^.*:build\//, ''),
    },
  ],

  async start(job) {
    const client = job.client(CodeBuildClient);
    const { build } = await explain(client.send(new StartBuildCommand(buildInput(job))), failure);
    return outcomeOf(build ?? {});
  },

  async look(job) {
    const id = job.run.progress.externalExecutionId ?? '';
    const client = job.client(CodeBuildClient);
    const { builds } = await explain(
      client.send(new BatchGetBuildsCommand({ ids: [id] })),
      failure,
    );
    const build = builds?.[0];
    if (!build) throw new ActionFailure('JobFailed', `Build ${id} does not exist any more`);
    return outcomeOf(build);
  },
});

function rules(action: Action): void {
  const primary = action.configuration.PrimarySource;
  const names = action.inputArtifacts.map((artifact) => artifact.name);
  if (names.length > 1 && !primary) {
    throw invalidAction(
      `Action configuration for action '${action.name}' is missing required configuration 'PrimarySource': it is needed with more than one input artifact`,
    );
  }
  if (primary && !primary.includes('#{') && !names.includes(primary)) {
    throw invalidAction(
      `Action '${action.name}': PrimarySource '${primary}' is not one of the action's input artifacts`,
    );
  }
  const text = action.configuration.EnvironmentVariables ?? '[]';
  // A reference can stand where JSON is not text, so only the final value is judged when there is one.
  const parsed = text.includes('#{') ? [] : parseEnvironment(text);
  if (typeof parsed === 'string') {
    throw invalidAction(`Action '${action.name}': EnvironmentVariables ${parsed}`);
  }
}

function buildInput(job: Job): StartBuildCommandInput {
  const inputs = job.run.input.inputArtifacts;
  const primaryName = setting(job, 'PrimarySource');
  const primary = inputs.find((i) => i.name === primaryName) ?? inputs[0];
  if (!primary || (primaryName && primary.name !== primaryName)) {
    throw new ActionFailure(
      'ConfigurationError',
      `The PrimarySource '${primaryName}' is not an input artifact of the action`,
    );
  }
  const others = inputs.filter((i) => i !== primary);
  const key = job.store.encryptionKey?.id;
  return {
    projectName: requiredSetting(job, 'ProjectName'),
    idempotencyToken: job.run.actionExecutionId,
    sourceTypeOverride: 'CODEPIPELINE',
    sourceLocationOverride: s3Arn(primary),
    ...(others.length > 0 && {
      secondarySourcesOverride: others.map((input) => ({
        type: 'CODEPIPELINE' as const,
        sourceIdentifier: input.name,
        location: s3Arn(input),
      })),
    }),
    ...artifactOverrides(job.run.outputArtifacts),
    ...(key !== undefined && { encryptionKeyOverride: key }),
    environmentVariablesOverride: environment(job, primary),
  };
}

const s3Arn = (artifact: ArtifactLocation) => `arn:aws:s3:::${artifact.bucket}/${artifact.key}`;

function artifactOverrides(outputs: ArtifactLocation[]): Partial<StartBuildCommandInput> {
  const [only] = outputs;
  if (!only) return { artifactsOverride: { type: 'CODEPIPELINE' } };
  if (outputs.length === 1) return { artifactsOverride: destination(only) };
  return {
    artifactsOverride: { type: 'CODEPIPELINE' },
    secondaryArtifactsOverride: outputs.map((output) => ({
      ...destination(output),
      artifactIdentifier: output.name,
    })),
  };
}

function destination({ bucket, key }: ArtifactLocation) {
  const slash = key.lastIndexOf('/');
  return {
    type: 'CODEPIPELINE' as const,
    location: bucket,
    path: key.slice(0, slash),
    name: key.slice(slash + 1),
    packaging: 'ZIP' as const,
  };
}

function environment(job: Job, primary: Artifact): EnvironmentVariable[] {
  const parsed = parseEnvironment(setting(job, 'EnvironmentVariables') ?? '[]');
  if (typeof parsed === 'string') {
    throw new ActionFailure('ConfigurationError', `EnvironmentVariables ${parsed}`);
  }
  return [
    ...parsed,
    plain('CODEBUILD_INITIATOR', `codepipeline/${job.pipeline.name}`),
    ...(primary.revisionId === undefined
      ? []
      : [plain('CODEBUILD_RESOLVED_SOURCE_VERSION', primary.revisionId)]),
  ];
}

const plain = (name: string, value: string) => ({ name, value, type: 'PLAINTEXT' as const });

function outcomeOf(build: Build): Outcome {
  const progress: ActionProgress = {
    ...(build.id !== undefined && { externalExecutionId: build.id }),
    // The ARN of a build that has no log yet has null in place of its names.
    ...(build.logs?.streamName !== undefined && {
      logStreamARN: build.logs.cloudWatchLogsArn,
    }),
  };
  if (build.buildStatus === 'IN_PROGRESS') return { state: 'running', progress };
  if (build.buildStatus === 'SUCCEEDED') {
    const exported = build.exportedEnvironmentVariables ?? [];
    return {
      state: 'succeeded',
      progress,
      outputVariables: Object.fromEntries(exported.map((v) => [v.name ?? '', v.value ?? ''])),
    };
  }
  const message = `Build terminated with state: ${build.buildStatus}`;
  return {
    state: 'failed',
    progress: { ...progress, summary: message },
    code: 'JobFailed',
    message,
  };
}

function failure(error: Error) {
  return {
    code: isDenied(error) ? ('PermissionError' as const) : ('ConfigurationError' as const),
    message: `Error calling startBuild: ${describe(error, 'AWSCodeBuild')}`,
  };
}
