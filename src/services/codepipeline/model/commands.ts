import {
  ConflictException,
  DuplicatedStopRequestException,
  NotLatestPipelineExecutionException,
  StageNotRetryableException,
} from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import {
  actionNotFound,
  approvalAlreadyCompleted,
  executionNotStoppable,
  invalid,
  invalidApprovalToken,
  stageNotFound,
} from '../errors.ts';
import { limits } from '../limits.ts';
import { settingsOf } from './action-type.ts';
import { arrive } from './advance.ts';
import { findStage, type Pipeline, type Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { report } from './outcome.ts';
import { startAction } from './start-action.ts';
import { type ExecutionState, isLive, type SourceOverride, type StageRun } from './state.ts';

// What people and events ask of a pipeline. Each works on a draft; the engine then does what follows.

export interface StartRequest {
  executionId: string;
  trigger: ExecutionState['trigger'];
  variables?: { name: string; value: string }[];
  sourceOverrides?: SourceOverride[];
}

/** Begins an execution in front of the first stage. @throws ValidationException */
export function start(draft: Draft, request: StartRequest): void {
  const first = draft.pipeline.stages[0] as Stage;
  validateOverrides(draft, first, request.sourceOverrides ?? []);
  const execution: ExecutionState = {
    executionId: request.executionId,
    ordinal: draft.nextOrdinal(),
    version: draft.snapshot.pipeline.version,
    status: 'InProgress',
    startTime: draft.now,
    lastUpdate: draft.now,
    trigger: request.trigger,
    attempt: 1,
    stages: {},
    variables: pipelineVariables(draft.pipeline, request.variables ?? []),
    sourceOverrides: request.sourceOverrides ?? [],
    outputVariables: {},
    artifacts: {},
    revisions: [],
  };
  draft.addExecution(execution);
  arrive(draft, execution, first);
}

function pipelineVariables(
  pipeline: Pipeline,
  given: { name: string; value: string }[],
): Record<string, string> {
  const declared = pipeline.variables ?? [];
  for (const { name } of given) {
    if (!declared.some((d) => d.name === name)) {
      throw invalid(`The pipeline does not declare a variable with the name '${name}'`);
    }
  }
  return Object.fromEntries(
    declared.map(({ name, defaultValue }) => {
      const value = given.find((g) => g.name === name)?.value ?? defaultValue;
      if (value === undefined) {
        throw invalid(`The variable '${name}' has no default value: a value must be given`);
      }
      return [name, value];
    }),
  );
}

/** CP-C10 */
function validateOverrides(draft: Draft, source: Stage, overrides: SourceOverride[]): void {
  for (const { actionName, revisionType } of overrides) {
    const action = source.actions.find((a) => a.name === actionName);
    if (!action)
      throw invalid(`The pipeline does not have a source action with the name '${actionName}'`);
    const type = draft.actionType(action.actionTypeId);
    const revision = ownValue(type?.revisions ?? {}, revisionType);
    if (!type || !revision) {
      const { provider } = action.actionTypeId;
      throw invalid(
        `The revision type ${revisionType} is not valid for the source action '${actionName}' of provider ${provider}`,
      );
    }
    const { allowedBy } = revision;
    if (allowedBy && settingsOf(type, action.configuration)(allowedBy) !== 'true') {
      throw invalid(
        `The source action '${actionName}' does not allow ${revisionType}: its configuration ${allowedBy} is not true`,
      );
    }
  }
}

/** CP-C15, CP-C16. @throws PipelineExecutionNotStoppableException, DuplicatedStopRequestException */
export function stop(
  draft: Draft,
  request: { executionId: string; abandon: boolean; reason?: string },
): void {
  const execution = draft.execution(request.executionId);
  if (!execution || !isLive(execution)) throw executionNotStoppable(request.executionId);
  if (execution.status === 'Stopping' && !request.abandon) {
    throw exception(
      DuplicatedStopRequestException,
      `The pipeline execution '${request.executionId}' is already being stopped`,
    );
  }
  if (execution.status === 'InProgress') {
    if (request.reason !== undefined) execution.stopReason = request.reason;
    draft.setExecution(execution, 'Stopping');
  }
  const { position } = execution;
  const run = position?.phase === 'inside' ? ownValue(execution.stages, position.stage) : undefined;
  if (!run) {
    draft.setExecution(execution, 'Stopped');
    return;
  }
  if (run.status === 'InProgress') draft.setStage(execution, run, 'Stopping');
  if (request.abandon) abandonActions(draft, execution, run.stageName, false);
}

function abandonActions(
  draft: Draft,
  execution: ExecutionState,
  stage: string,
  cancelled: boolean,
): void {
  for (const action of draft.actionsIn(execution, stage)) {
    if (action.status !== 'InProgress') continue;
    delete action.progress.token;
    draft.setAction(action, 'Abandoned', cancelled);
  }
}

/** The pipeline gets a new structure: what runs on the old one does not go on (CP-A44). */
export function cancelAll(draft: Draft): void {
  for (const execution of draft.live()) {
    const { position } = execution;
    const run = position && ownValue(execution.stages, position.stage);
    if (run && position.phase === 'inside') {
      abandonActions(draft, execution, run.stageName, true);
      draft.setStage(execution, run, 'Cancelled');
    }
    execution.statusSummary =
      'The pipeline definition was updated before the pipeline execution could be completed';
    draft.setExecution(execution, 'Cancelled');
  }
}

export interface RetryRequest {
  stageName: string;
  executionId: string;
  mode: 'FAILED_ACTIONS' | 'ALL_ACTIONS';
}

/** CP-C17..C19. @throws StageNotFound-, NotLatestPipelineExecution-, StageNotRetryableException */
export function retry(draft: Draft, request: RetryRequest): void {
  const stage = findStage(draft.pipeline, request.stageName);
  if (!stage) throw stageNotFound(draft.pipeline.name, request.stageName);
  const execution = draft.execution(request.executionId);
  if (!execution || draft.stageState(stage.name).latestExecutionId !== request.executionId) {
    throw exception(
      NotLatestPipelineExecutionException,
      `The pipeline execution '${request.executionId}' is not the latest one in stage '${stage.name}'`,
    );
  }
  const run = ownValue(execution.stages, stage.name);
  if (!run || execution.version !== draft.snapshot.pipeline.version) {
    throw notRetryable(stage.name, 'the structure of the pipeline has changed');
  }
  const failed = checkRetryable(draft, execution, run, request.mode);
  run.manualRetries++;
  run.retriedAt = draft.now;
  execution.attempt++;
  execution.position = { stage: stage.name, phase: 'inside', since: draft.now };
  draft.setExecution(execution, 'InProgress', true);
  if (request.mode === 'ALL_ACTIONS') run.round++;
  draft.setStage(execution, run, 'InProgress', true);
  if (request.mode === 'ALL_ACTIONS') return;
  for (const action of stage.actions) {
    if (failed.has(action.name)) startAction(draft, execution, stage, action);
  }
}

/** @returns the names of the actions that failed or were abandoned */
function checkRetryable(
  draft: Draft,
  execution: ExecutionState,
  run: StageRun,
  mode: RetryRequest['mode'],
): Set<string> {
  const latest = [...draft.latestIn(execution, run.stageName).values()];
  const failed = latest.filter((a) => a.status === 'Failed' || a.status === 'Abandoned');
  if (execution.status === 'Stopping') {
    throw exception(
      ConflictException,
      `The pipeline execution '${execution.executionId}' is being stopped`,
    );
  }
  const running = latest.some((a) => a.status === 'InProgress');
  if (running && mode === 'ALL_ACTIONS') {
    throw notRetryable(run.stageName, 'actions of the stage are in progress');
  }
  const ended = run.status === 'Failed' || run.status === 'Stopped';
  const mayRetry = ended || (run.status === 'InProgress' && failed.length > 0);
  if (!mayRetry) throw notRetryable(run.stageName, 'it has no failed actions');
  return new Set(failed.map((a) => a.actionName));
}

function notRetryable(stage: string, why: string): Error {
  return exception(StageNotRetryableException, `Stage '${stage}' cannot be retried: ${why}`);
}

export interface TransitionRequest {
  stageName: string;
  side: 'Inbound' | 'Outbound';
  enabled: boolean;
  reason?: string;
  by: string;
}

/** CP-C12..C14. @throws StageNotFoundException */
export function setTransition(draft: Draft, request: TransitionRequest): void {
  const stage = findStage(draft.pipeline, request.stageName);
  if (!stage) throw stageNotFound(draft.pipeline.name, request.stageName);
  const state = draft.stageState(stage.name);
  const side = request.side === 'Inbound' ? 'inbound' : 'outbound';
  const before = state[side];
  state[side] = {
    enabled: request.enabled,
    lastChangedBy: request.by,
    lastChangedAt: draft.now,
    ...(request.reason !== undefined && { disabledReason: request.reason }),
  };
  draft.touchStage(state);
  const closedFor = before.enabled ? 0 : draft.now - (before.lastChangedAt ?? draft.now);
  if (request.enabled && closedFor > limits.parkedAfterMs) park(draft, request, stage);
}

/** Who waited at a transition that was closed for longer than a month does not enter by itself. */
function park(draft: Draft, request: TransitionRequest, stage: Stage): void {
  const entered = request.side === 'Inbound' ? stage : draft.stageAfter(stage.name);
  const waiting = entered && draft.waiter(entered.name);
  if (!waiting?.position) return;
  waiting.position.parked = true;
  draft.touchExecution(waiting);
}

export interface ApprovalRequest {
  stageName: string;
  actionName: string;
  token: string;
  approved: boolean;
  summary: string;
  by: string;
}

/** CP-C30. @throws StageNotFound-, ActionNotFound-, InvalidApprovalToken-, ApprovalAlreadyCompletedException */
export function approve(draft: Draft, request: ApprovalRequest): void {
  const stage = findStage(draft.pipeline, request.stageName);
  if (!stage) throw stageNotFound(draft.pipeline.name, request.stageName);
  const action = stage.actions.find((a) => a.name === request.actionName);
  if (!action) throw actionNotFound(stage.name, request.actionName);
  const run = draft.snapshot.actions.find(
    (a) =>
      a.stageName === stage.name &&
      a.actionName === action.name &&
      a.progress.token === request.token,
  );
  if (!run || action.actionTypeId.category !== 'Approval') throw invalidApprovalToken();
  if (run.status !== 'InProgress') throw approvalAlreadyCompleted();
  const progress = request.summary === '' ? {} : { summary: request.summary };
  report(
    draft,
    run.actionExecutionId,
    request.approved
      ? { state: 'succeeded', progress }
      : { state: 'failed', progress, code: 'JobFailed', message: 'The approval was rejected' },
    request.by,
  );
}
