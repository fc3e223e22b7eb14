import { defined } from '../../../lib/defined.ts';
import { absoluteUrl } from './console.ts';
import type { ActionRun, ExecutionState, StageRun } from './state.ts';

const URL = 'external-execution-url';

/** An event before the store gives it account, region and resource (CP-C56..58). `detail.pipeline` is added by the draft. */
export interface PipelineEvent {
  detailType: string;
  detail: Record<string, unknown>;
}

/** An event's detail for those outside: with addresses instead of paths on this server. */
export function addressed(detail: PipelineEvent['detail'], endpoint: string) {
  const result = detail['execution-result'] as Record<string, string | undefined> | undefined;
  if (!result) return detail;
  const url = absoluteUrl(endpoint, result[URL]);
  return { ...detail, 'execution-result': { ...result, ...defined({ [URL]: url }) } };
}

export function pipelineEvent(execution: ExecutionState, state: string): PipelineEvent {
  const { trigger } = execution;
  return {
    detailType: 'CodePipeline Pipeline Execution State Change',
    detail: {
      ...ofExecution(execution, execution.startTime),
      ...(state === 'STARTED' && {
        'execution-trigger': defined({
          'trigger-type': trigger.triggerType,
          'trigger-detail': trigger.triggerDetail,
        }),
      }),
      state,
      ...(state === 'STOPPING' &&
        execution.stopReason !== undefined && { 'stop-execution-comments': execution.stopReason }),
    },
  };
}

export function stageEvent(execution: ExecutionState, run: StageRun, state: string): PipelineEvent {
  const { stageName: stage, startTime, retriedAt } = run;
  return {
    detailType: 'CodePipeline Stage Execution State Change',
    detail: {
      ...ofExecution(execution, startTime),
      // Once a stage was retried, all that is told of it says when.
      ...(retriedAt !== undefined && { 'stage-last-retry-attempt-time': timeText(retriedAt) }),
      ...{ stage, state },
    },
  };
}

/** @param url a path on this server, of what the provider did */
export function actionEvent(
  execution: ExecutionState,
  run: ActionRun,
  state: string,
  url: string | undefined,
): PipelineEvent {
  const { category, owner, provider, version } = run.input.actionTypeId;
  const { inputArtifacts } = run.input;
  const { outputArtifacts } = run;
  return {
    detailType: 'CodePipeline Action Execution State Change',
    detail: {
      ...ofExecution(execution, run.startTime),
      stage: run.stageName,
      'action-execution-id': run.actionExecutionId,
      action: run.actionName,
      state,
      region: run.input.region,
      type: { owner, provider, category, version },
      ...(ENDED.includes(state) && { 'execution-result': executionResult(run, url) }),
      ...(state === 'STARTED' &&
        inputArtifacts.length > 0 && { 'input-artifacts': inputArtifacts.map(artifactDetail) }),
      ...(state === 'SUCCEEDED' &&
        outputArtifacts.length > 0 && { 'output-artifacts': outputArtifacts.map(artifactDetail) }),
    },
  };
}

/** The states that have a result: what was abandoned or cancelled has none. */
const ENDED = ['SUCCEEDED', 'FAILED'];

/** What all three kinds of events say. `version` is the pipeline's. */
function ofExecution(execution: ExecutionState, startTime: number): PipelineEvent['detail'] {
  return {
    'execution-id': execution.executionId,
    'start-time': timeText(startTime),
    version: execution.version,
    'pipeline-execution-attempt': execution.attempt,
  };
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function executionResult(run: ActionRun, url: string | undefined) {
  return defined({
    [URL]: url,
    'external-execution-summary': run.progress.summary ?? run.errorDetails?.message,
    'external-execution-id': run.progress.externalExecutionId,
    'error-code': run.errorDetails?.code,
  });
}

function artifactDetail(artifact: { name: string; bucket: string; key: string }) {
  return { name: artifact.name, s3location: { bucket: artifact.bucket, key: artifact.key } };
}
