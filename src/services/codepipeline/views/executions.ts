import type {
  ActionExecutionDetail,
  ActionState,
  ActionTypeId,
  PipelineExecution,
  PipelineExecutionSummary,
  StageExecution,
  StageState as StageStateView,
  TransitionState,
} from '@aws-sdk/client-codepipeline';
import { ownValue } from '../../../lib/own.ts';
import type { ActionFacts } from '../model/action-type.ts';
import { absoluteUrl, entityPath, executionPath } from '../model/console.ts';
import type { Action, Pipeline } from '../model/declaration.ts';
import { policyOf } from '../model/mode.ts';
import { maskConfiguration } from '../model/secrets.ts';
import {
  type ActionRun,
  type ArtifactLocation,
  type ExecutionState,
  isLive,
  type SourceRevision,
  type StageState,
  type Transition,
} from '../model/state.ts';
import { type ConditionSources, conditionStates } from './conditions.ts';

// The engine's state in AWS's shapes.

const date = (time: number) => new Date(time);

export function executionView(
  pipelineName: string,
  execution: ExecutionState,
  endpoint: string,
): PipelineExecution {
  return {
    pipelineName,
    pipelineVersion: execution.version,
    pipelineExecutionId: execution.executionId,
    status: execution.status,
    statusSummary: execution.statusSummary,
    artifactRevisions: execution.revisions.map(({ actionName: _, created, ...revision }) => ({
      ...revision,
      revisionUrl: absoluteUrl(endpoint, revision.revisionUrl),
      created: created === undefined ? undefined : date(created),
    })),
    variables: Object.entries(execution.variables).map(([name, resolvedValue]) => ({
      name,
      resolvedValue,
    })),
    trigger: execution.trigger,
    ...kindOf(execution),
  };
}

export function executionSummary(
  execution: ExecutionState,
  endpoint: string,
): PipelineExecutionSummary {
  return {
    pipelineExecutionId: execution.executionId,
    status: execution.status,
    statusSummary: execution.statusSummary,
    startTime: date(execution.startTime),
    lastUpdateTime: date(execution.lastUpdate),
    sourceRevisions: execution.revisions.map((r: SourceRevision) => ({
      actionName: r.actionName,
      revisionId: r.revisionId,
      revisionSummary: r.revisionSummary,
      revisionUrl: absoluteUrl(endpoint, r.revisionUrl),
    })),
    trigger: execution.trigger,
    stopTrigger: execution.stopReason === undefined ? undefined : { reason: execution.stopReason },
    ...kindOf(execution),
  };
}

function kindOf({ mode, type, rollbackTarget }: ExecutionState) {
  return {
    executionMode: mode,
    executionType: type,
    rollbackMetadata:
      rollbackTarget === undefined
        ? undefined
        : { rollbackTargetPipelineExecutionId: rollbackTarget },
  };
}

export interface StateSources extends ConditionSources {
  pipeline: Pipeline;
  /** Those of the pipeline's actions. */
  types: readonly ActionFacts[];
  /** Of the stage in the pipeline. */
  index: number;
  stages: StageState[];
  executions: ExecutionState[];
}

export function stageStateView(sources: StateSources): StageStateView {
  const { pipeline, index, executions } = sources;
  const stage = pipeline.stages[index] as Pipeline['stages'][number];
  const state = sources.stages.find((s) => s.stageName === stage.name);
  const waiting = executions
    .filter((e) => isLive(e) && policyOf(e).showsInState)
    .filter((e) => e.position?.phase === 'waiting' && e.position.stage === stage.name)
    .map((e) => stageExecution(e, 'InProgress'));
  const latest = executions.find((e) => e.executionId === state?.latestExecutionId);
  const run = latest && ownValue(latest.stages, stage.name);
  return {
    stageName: stage.name,
    inboundExecution: waiting[0],
    inboundExecutions: waiting,
    inboundTransitionState: transitionView(sources),
    actionStates: stage.actions.map((action) => {
      const id = state && ownValue(state.latestActions, action.name);
      return actionState(sources, action, id === undefined ? undefined : sources.actions.get(id));
    }),
    latestExecution: latest && run && stageExecution(latest, run.status),
    ...conditionStates(sources, stage, run),
    retryStageMetadata: run?.latestRetry && {
      autoStageRetryAttempt: run.autoRetries,
      manualStageRetryAttempt: run.manualRetries,
      latestRetryTrigger: run.latestRetry,
    },
  };
}

function stageExecution(
  { executionId: pipelineExecutionId, type }: ExecutionState,
  status: StageExecution['status'],
): StageExecution {
  return { pipelineExecutionId, status, type };
}

/** A transition is closed by either of its sides: the outbound one of the stage before counts too. */
/** AWS's answer has none for the first stage, which nothing comes into from another: but one that was closed shows. */
function transitionView({ pipeline, index, stages }: StateSources): TransitionState | undefined {
  const find = (name?: string) => stages.find((s) => s.stageName === name);
  const inbound = find(pipeline.stages[index]?.name)?.inbound;
  const outbound = find(pipeline.stages[index - 1]?.name)?.outbound;
  if (index === 0 && inbound?.enabled !== false) return undefined;
  const shown: Transition = (inbound?.enabled === false ? inbound : undefined) ??
    (outbound?.enabled === false ? outbound : inbound) ?? { enabled: true };
  return {
    enabled: shown.enabled,
    lastChangedBy: shown.lastChangedBy,
    lastChangedAt: shown.lastChangedAt === undefined ? undefined : date(shown.lastChangedAt),
    disabledReason: shown.disabledReason,
  };
}

function actionState(
  { endpoint, region, types }: StateSources,
  action: Action,
  run: ActionRun | undefined,
): ActionState {
  const { name: actionName, configuration, actionTypeId } = action;
  const place = { region: action.region ?? region, configuration };
  const entityUrl = absoluteUrl(endpoint, entityPath(types, actionTypeId, place));
  if (!run) return { actionName, entityUrl };
  const { revision, progress } = run;
  return {
    actionName,
    currentRevision: revision && {
      revisionId: revision.revisionId,
      revisionChangeId: revision.revisionChangeIdentifier ?? revision.revisionId,
      created: date(revision.created ?? run.startTime),
    },
    latestExecution: {
      actionExecutionId: run.actionExecutionId,
      status: run.status,
      summary: progress.summary,
      lastStatusChange: date(run.lastUpdate),
      token: run.status === 'InProgress' ? progress.token : undefined,
      lastUpdatedBy: run.updatedBy,
      externalExecutionId: progress.externalExecutionId,
      externalExecutionUrl: absoluteUrl(endpoint, executionPath(types, run)),
      percentComplete: progress.percentComplete,
      errorDetails: run.errorDetails,
      logStreamARN: progress.logStreamARN,
    },
    entityUrl,
    revisionUrl: absoluteUrl(endpoint, revision?.revisionUrl),
  };
}

/** @param types those of the action, at least */
export function actionDetail(
  run: ActionRun,
  endpoint: string,
  types: readonly ActionFacts[],
): ActionExecutionDetail {
  const { input, progress } = run;
  const masked = (configuration: Record<string, string>) =>
    maskConfiguration(types, input.actionTypeId, configuration);
  return {
    pipelineExecutionId: run.executionId,
    actionExecutionId: run.actionExecutionId,
    pipelineVersion: run.pipelineVersion,
    stageName: run.stageName,
    actionName: run.actionName,
    startTime: date(run.startTime),
    lastUpdateTime: date(run.lastUpdate),
    updatedBy: run.updatedBy,
    status: run.status,
    input: {
      actionTypeId: input.actionTypeId as ActionTypeId,
      configuration: masked(input.configuration),
      resolvedConfiguration: masked(input.resolvedConfiguration),
      roleArn: input.roleArn,
      region: input.region,
      inputArtifacts: input.inputArtifacts.map(artifactDetail),
      namespace: input.namespace,
    },
    output: {
      outputArtifacts: run.status === 'Succeeded' ? run.outputArtifacts.map(artifactDetail) : [],
      executionResult: {
        externalExecutionId: progress.externalExecutionId,
        externalExecutionSummary: progress.summary,
        externalExecutionUrl: absoluteUrl(endpoint, executionPath(types, run)),
        errorDetails: run.errorDetails,
        logStreamARN: progress.logStreamARN,
      },
      outputVariables: run.outputVariables ?? {},
    },
  };
}

function artifactDetail(artifact: ArtifactLocation) {
  return { name: artifact.name, s3location: { bucket: artifact.bucket, key: artifact.key } };
}
