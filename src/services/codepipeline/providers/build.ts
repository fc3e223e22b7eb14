import {
  BatchGetBuildsCommand,
  type Build,
  type CodeBuildClient,
  type EnvironmentVariable,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import type { Outcome } from '../model/outcome.ts';
import type { ActionProgress, Artifact, ArtifactLocation } from '../model/state.ts';
import type { Hearing, Job } from './action-type.ts';
import { ActionFailure, describe, explain, isDenied } from './failure.ts';

// What the action types that run builds share. What StartBuild's members mean is in CodeBuild's README.

/** The end of a build, by the id that StartBuild gave. @param name of the subscription */
export const buildEnded = (name: string): Hearing => ({
  name,
  pattern: {
    'detail-type': ['CodeBuild Build State Change'],
    detail: { 'build-status': ['SUCCEEDED', 'FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'] },
  },
  // The ARN's resource is `build/PROJECT:UUID`.
  work: (event) => String(event.detail['build-id']).replace(/^.*:build\//, ''),
});

export async function lookAtBuild(job: Job, client: CodeBuildClient): Promise<Outcome> {
  const id = job.run.progress.externalExecutionId ?? '';
  const { builds } = await explain(client.send(new BatchGetBuildsCommand({ ids: [id] })), failure);
  const build = builds?.[0];
  if (!build) throw new ActionFailure('JobFailed', `Build ${id} does not exist any more`);
  return outcomeOf(build);
}

/** Where a build's sources are and its artifacts go. */
export function artifactsOf(
  job: Job,
  primary: Artifact,
): Omit<StartBuildCommandInput, 'projectName'> {
  const others = job.run.input.inputArtifacts.filter((input) => input !== primary);
  const key = job.store.encryptionKey?.id;
  return {
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
  };
}

const s3Arn = (artifact: ArtifactLocation) => `arn:aws:s3:::${artifact.bucket}/${artifact.key}`;

/** Members of StartBuild and of StartBuildBatch. */
type Artifacts = Pick<StartBuildCommandInput, 'artifactsOverride' | 'secondaryArtifactsOverride'>;

/** One output is the build's primary artifact, several are its secondary ones. */
export function artifactOverrides(outputs: ArtifactLocation[]): Artifacts {
  const [only] = outputs;
  if (!only) return { artifactsOverride: { type: 'CODEPIPELINE' } };
  if (outputs.length === 1) return { artifactsOverride: destination(only) };
  return outputOverrides(outputs);
}

/** Each output by its name. */
export function outputOverrides(outputs: ArtifactLocation[]): Artifacts {
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

/** By which a build learns for whom it runs, and of what its source is. */
export function pipelineVariables(job: Job, primary: Artifact): EnvironmentVariable[] {
  return [
    plain('CODEBUILD_INITIATOR', `codepipeline/${job.pipeline.name}`),
    ...(primary.revisionId === undefined
      ? []
      : [plain('CODEBUILD_RESOLVED_SOURCE_VERSION', primary.revisionId)]),
  ];
}

export const plain = (name: string, value: string) => ({ name, value, type: 'PLAINTEXT' as const });

export function outcomeOf(build: Build): Outcome {
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

export const failureOfCall = (call: string) => (error: Error) => ({
  code: isDenied(error) ? ('PermissionError' as const) : ('ConfigurationError' as const),
  message: `Error calling ${call}: ${describe(error, 'AWSCodeBuild')}`,
});

export const failure = failureOfCall('startBuild');
