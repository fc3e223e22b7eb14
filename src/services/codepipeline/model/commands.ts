import { DuplicatedStopRequestException } from '@aws-sdk/client-codepipeline';
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
import { arrive } from './arrive.ts';
import { findStage, type Pipeline, type Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { policyOf } from './mode.ts';
import { report } from './outcome.ts';
import { requireRoom } from './room.ts';
import { type ExecutionState, isLive, type SourceOverride, type StageRun } from './state.ts';

// What people and events ask of a pipeline. Each works on a draft; the engine then does what follows.

export interface StartRequest {
  executionId: string;
  trigger: ExecutionState['trigger'];
  variables?: { name: string; value: string }[];
  sourceOverrides?: SourceOverride[];
  /** The revision that the event names by which it starts. */
  changed?: SourceOverride[];
}

/** Begins an execution in front of the first stage. @throws ValidationException */
export function start(draft: Draft, request: StartRequest): void {
  const first = draft.pipeline.stages[0] as Stage;
  const mode = draft.pipeline.executionMode;
  // What a trigger has let in is what it runs with, in any mode: a tag or a pull request is not the branch's head (CP-C42).
  const triggered = request.trigger.triggerType === 'WebhookV2';
  const keeps = policyOf({ mode }).keepsRevision || triggered;
  const changed = keeps ? request.changed : undefined;
  const sourceOverrides = request.sourceOverrides ?? changed ?? [];
  validateOverrides(draft, first, sourceOverrides);
  requireRoom(draft, mode);
  const execution: ExecutionState = {
    executionId: request.executionId,
    ordinal: draft.nextOrdinal(),
    version: draft.snapshot.pipeline.version,
    ...{ mode, type: 'STANDARD' },
    status: 'InProgress',
    startTime: draft.now,
    lastUpdate: draft.now,
    trigger: request.trigger,
    attempt: 1,
    stages: {},
    variables: pipelineVariables(draft.pipeline, request.variables ?? []),
    sourceOverrides,
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
  const run = runInside(execution);
  if (!run) {
    draft.setExecution(execution, 'Stopped');
    return;
  }
  if (run.status === 'InProgress') draft.setStage(execution, run, 'Stopping');
  if (request.abandon) abandonActions(draft, execution, run, false);
}

/** The stage that an execution is inside of. */
function runInside({ position, stages }: ExecutionState): StageRun | undefined {
  return position?.phase === 'inside' ? ownValue(stages, position.stage) : undefined;
}

/** What runs in a stage, actions and rules, is let go. */
function abandonActions(
  draft: Draft,
  execution: ExecutionState,
  { stageName, conditions }: StageRun,
  cancelled: boolean,
): void {
  for (const action of draft.snapshot.actions) {
    const its = action.executionId === execution.executionId && action.stageName === stageName;
    if (!its || action.status !== 'InProgress') continue;
    delete action.progress.token;
    draft.setAction(action, 'Abandoned', cancelled);
  }
  for (const condition of Object.values(conditions)) {
    if (condition.status !== 'InProgress') continue;
    draft.setCondition(execution, condition, cancelled ? 'Cancelled' : 'Abandoned');
  }
}

/** The pipeline gets a new structure: what runs on the one before does not go on, but where its mode says so (CP-A44, CP-C8). */
export function cancelAll(draft: Draft): void {
  for (const execution of draft.live()) {
    if (!policyOf(execution).endsWithUpdate) continue;
    const run = runInside(execution);
    if (run) {
      abandonActions(draft, execution, run, true);
      draft.setStage(execution, run, 'Cancelled');
    }
    execution.statusSummary =
      'The pipeline definition was updated before the pipeline execution could be completed';
    draft.setExecution(execution, 'Cancelled');
  }
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
  const { stages } = draft.pipeline;
  const entered = request.side === 'Inbound' ? stage : stages[stages.indexOf(stage) + 1];
  for (const waiting of draft.live()) {
    const { position } = waiting;
    if (position?.phase !== 'waiting' || position.stage !== entered?.name) continue;
    position.parked = true;
    draft.touchExecution(waiting);
  }
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
  const run = draft.snapshot.actions.find(
    (a) =>
      a.stageName === request.stageName &&
      a.actionName === request.actionName &&
      a.progress.token === request.token,
  );
  const execution = run && draft.execution(run.executionId);
  const pipeline = execution ? draft.pipelineOf(execution) : draft.pipeline;
  const stage = findStage(pipeline, request.stageName);
  if (!stage) throw stageNotFound(pipeline.name, request.stageName);
  const action = stage.actions.find((a) => a.name === request.actionName);
  if (!action) throw actionNotFound(stage.name, request.actionName);
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
