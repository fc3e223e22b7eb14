import {
  BatchGetBuildBatchesCommand,
  type BuildBatch,
  type CodeBuildClient,
  StartBuildBatchCommand,
  type StartBuildBatchCommandInput,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import { type Hearing, type Job, setting } from './action-type.ts';
import { artifactOverrides, failureOfCall, outputOverrides } from './build.ts';
import { ActionFailure, explain } from './failure.ts';

// A batch of builds as one action (CB-D5). What the overrides mean is in CodeBuild's README.

/** The end of a batch, which is told to nobody but those inside. */
export const batchEnded: Hearing = {
  name: 'batch-ended',
  watches: true,
  pattern: { 'detail-type': ['CodeBuild Build Batch State Change'] },
  // The ARN's resource is `build-batch/PROJECT:UUID`.
  work: (event) => String(event.detail['build-batch-id']).replace(/^.*:build-batch\//, ''),
};

export const isBatch = (job: Job): boolean => setting(job, 'BatchEnabled') === 'true';

/** The settings of a batch that do not fit each other. */
export function batchRules({ name, configuration, outputArtifacts }: Action): void {
  const { BatchEnabled: batch, CombineArtifacts: combine } = configuration;
  if (combine !== 'true') return;
  if (batch !== 'true' && !batch?.includes('#{'))
    throw invalidAction(`Action '${name}': CombineArtifacts needs BatchEnabled`);
  if (outputArtifacts.length > 1)
    throw invalidAction(
      `Action '${name}': CombineArtifacts makes one output artifact; there are ${outputArtifacts.length}`,
    );
}

/** @param input of the action where it is one build */
export async function startBatch(
  job: Job,
  client: CodeBuildClient,
  input: StartBuildCommandInput,
): Promise<Outcome> {
  const command = new StartBuildBatchCommand(batchInput(job, input));
  const { buildBatch } = await explain(client.send(command), failureOfCall('startBuildBatch'));
  return outcomeOf(buildBatch ?? {});
}

function batchInput(job: Job, input: StartBuildCommandInput): StartBuildBatchCommandInput {
  const { artifactsOverride: _, secondaryArtifactsOverride: __, ...same } = input;
  const combineArtifacts = setting(job, 'CombineArtifacts') === 'true';
  const outputs = job.run.outputArtifacts;
  return {
    ...same,
    ...(combineArtifacts ? artifactOverrides(outputs) : outputOverrides(outputs)),
    buildBatchConfigOverride: { combineArtifacts },
  };
}

export async function lookAtBatch(job: Job, client: CodeBuildClient): Promise<Outcome> {
  const id = job.run.progress.externalExecutionId ?? '';
  const command = new BatchGetBuildBatchesCommand({ ids: [id] });
  const { buildBatches } = await explain(
    client.send(command),
    failureOfCall('batchGetBuildBatches'),
  );
  const [batch] = buildBatches ?? [];
  if (!batch) throw new ActionFailure('JobFailed', `Build batch ${id} does not exist any more`);
  return outcomeOf(batch);
}

/** A batch exports no variables: its builds do, and there may be several of one name. */
function outcomeOf({ id, buildBatchStatus }: BuildBatch): Outcome {
  const progress = id === undefined ? {} : { externalExecutionId: id };
  if (buildBatchStatus === 'IN_PROGRESS') return { state: 'running', progress };
  if (buildBatchStatus === 'SUCCEEDED') return { state: 'succeeded', progress };
  const message = `Build batch terminated with state: ${buildBatchStatus}`;
  return {
    ...{ state: 'failed', code: 'JobFailed', message },
    progress: { ...progress, summary: message },
  };
}
