import type {
  Artifact,
  ActionTypeId as AwsActionTypeId,
  JobData,
} from '@aws-sdk/client-codepipeline';
import type { Platform } from '../../../kit/service.ts';
import { type ActionFacts, findActionType } from '../model/action-type.ts';
import { artifactStoreOf } from '../model/declaration.ts';
import { maskConfiguration } from '../model/secrets.ts';
import type { ActionRun, Artifact as ArtifactState, PipelineState } from '../model/state.ts';
import { actionTypes } from '../providers/index.ts';
import { findMadeFacts } from '../store/action-types.ts';
import { findAction } from '../store/executions.ts';
import type { WorkerJob } from '../store/jobs.ts';
import { findPipelineById } from '../store/pipelines.ts';
import { artifactCredentials } from './credentials.ts';

/** A job with all that it is about. */
export interface KnownJob {
  job: WorkerJob;
  pipeline: PipelineState;
  run: ActionRun;
  type: ActionFacts;
}

/** What belongs to a job; undefined where its pipeline is gone. */
export async function knownJob(
  ctx: Pick<Platform, 'db'>,
  job: WorkerJob,
): Promise<KnownJob | undefined> {
  const found = await findAction(ctx.db, job.actionExecutionId);
  const pipeline = found && (await findPipelineById(ctx.db, found.pipelineId));
  if (!pipeline) return undefined;
  const { run } = found;
  const id = run.input.actionTypeId;
  const type = findActionType(actionTypes, id) ?? (await findMadeFacts(ctx.db, pipeline, [id]))[0];
  return type && { job, pipeline, run, type };
}

/** Is a worker still to work on it? An action that was abandoned, or whose time is up, takes its jobs with it. */
export const isOpen = ({ job, run }: Pick<KnownJob, 'job' | 'run'>): boolean =>
  run.status === 'InProgress' && ['Queued', 'Dispatched', 'InProgress'].includes(job.status);

/**
 * What a worker gets to know. With new credentials and secrets as they are, as long as the job is open (CP-C53).
 * @throws what STS answers
 */
export async function jobData(ctx: Pick<Platform, 'client'>, known: KnownJob): Promise<JobData> {
  const { job, pipeline, run, type } = known;
  const { declaration } = pipeline;
  const { region, actionTypeId, inputArtifacts, resolvedConfiguration } = run.input;
  const store = artifactStoreOf(declaration, region);
  const open = isOpen(known) && store;
  const credentials = open
    ? await artifactCredentials(ctx, pipeline, run, {
        ...{ inputs: inputArtifacts, outputs: run.outputArtifacts, store, region },
      })
    : undefined;
  const configuration = open
    ? resolvedConfiguration
    : maskConfiguration([type], actionTypeId, resolvedConfiguration);
  return {
    actionTypeId: actionTypeId as AwsActionTypeId,
    actionConfiguration: { configuration },
    pipelineContext: {
      pipelineName: pipeline.name,
      stage: { name: run.stageName },
      action: { name: run.actionName, actionExecutionId: run.actionExecutionId },
      ...(actionTypeId.owner === 'Custom' && {
        pipelineArn: pipeline.arn,
        pipelineExecutionId: run.executionId,
      }),
    },
    inputArtifacts: inputArtifacts.map(artifactView),
    outputArtifacts: run.outputArtifacts.map(artifactView),
    ...(credentials && { artifactCredentials: credentials }),
    ...(job.continuationToken !== undefined && { continuationToken: job.continuationToken }),
    ...(store?.encryptionKey && { encryptionKey: store.encryptionKey }),
  };
}

function artifactView({ name, bucket, key, revisionId }: ArtifactState): Artifact {
  return {
    name,
    ...(revisionId !== undefined && { revision: revisionId }),
    location: { type: 'S3', s3Location: { bucketName: bucket, objectKey: key } },
  };
}
