import { absoluteUrl } from './console.ts';
import type { ActionRun, ExecutionState } from './state.ts';

/** An event before the store gives it account, region and resource (CP-C56..58). `detail.pipeline` is added by the draft. */
export interface PipelineEvent {
  detailType: string;
  detail: Record<string, unknown>;
}

/** An event's detail for those outside: with addresses instead of paths on this server. */
export function addressed(detail: PipelineEvent['detail'], endpoint: string) {
  const result = detail['execution-result'] as Record<string, string | undefined> | undefined;
  if (!result) return detail;
  const url = absoluteUrl(endpoint, result['external-execution-url']);
  return { ...detail, 'execution-result': { ...result, 'external-execution-url': url } };
}

export function pipelineEvent(execution: ExecutionState, state: string): PipelineEvent {
  const detail: Record<string, unknown> = {
    'execution-id': execution.executionId,
    state,
    version: execution.version,
    'pipeline-execution-attempt': execution.attempt,
  };
  if (state === 'STARTED') {
    detail['execution-trigger'] = {
      'trigger-type': execution.trigger.triggerType,
      'trigger-detail': execution.trigger.triggerDetail,
    };
  }
  if (state === 'STOPPING') detail['stop-execution-comments'] = execution.stopReason;
  return { detailType: 'CodePipeline Pipeline Execution State Change', detail };
}

export function stageEvent(execution: ExecutionState, stage: string, state: string): PipelineEvent {
  return {
    detailType: 'CodePipeline Stage Execution State Change',
    detail: { 'execution-id': execution.executionId, stage, state, version: execution.version },
  };
}

/** @param url a path on this server, of what the provider did */
export function actionEvent(run: ActionRun, state: string, url: string | undefined): PipelineEvent {
  const { category, owner, provider, version } = run.input.actionTypeId;
  const detail: Record<string, unknown> = {
    'execution-id': run.executionId,
    stage: run.stageName,
    action: run.actionName,
    state,
    region: run.input.region,
    type: { owner, provider, category, version },
    version: run.pipelineVersion,
  };
  if (state !== 'STARTED') detail['execution-result'] = executionResult(run, url);
  if (run.input.inputArtifacts.length > 0) {
    detail['input-artifacts'] = run.input.inputArtifacts.map(artifactDetail);
  }
  if (state === 'SUCCEEDED' && run.outputArtifacts.length > 0) {
    detail['output-artifacts'] = run.outputArtifacts.map(artifactDetail);
  }
  return { detailType: 'CodePipeline Action Execution State Change', detail };
}

function executionResult(run: ActionRun, url: string | undefined): Record<string, unknown> {
  return {
    'external-execution-url': url,
    'external-execution-summary': run.progress.summary ?? run.errorDetails?.message,
    'external-execution-id': run.progress.externalExecutionId,
    'error-code': run.errorDetails?.code,
  };
}

function artifactDetail(artifact: { name: string; bucket: string; key: string }) {
  return { name: artifact.name, s3location: { bucket: artifact.bucket, key: artifact.key } };
}
