import {
  ConflictException,
  PipelineExecutionOutdatedException,
  UnableToRollbackStageException,
} from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { executionNotFound, stageNotFound } from '../errors.ts';
import { findStage, type Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { enterStage } from './enter.ts';
import { uuidOf } from './ids.ts';
import { policyOf } from './mode.ts';
import type { StageAt } from './stage-at.ts';
import type { ExecutionState } from './state.ts';

// Rollback: an execution of its own, of one stage, with what an earlier one had (CP-C21..C23).

export interface RollbackRequest {
  /** Of the new execution. */
  executionId: string;
  stageName: string;
  targetId: string;
  by: string;
}

/** @throws StageNotFound-, PipelineExecutionNotFound-, PipelineExecutionOutdated-, UnableToRollbackStage-, ConflictException */
export function rollBack(draft: Draft, request: RollbackRequest): void {
  const { pipeline } = draft;
  const stage = findStage(pipeline, request.stageName);
  if (!stage) throw stageNotFound(pipeline.name, request.stageName);
  const target = draft.execution(request.targetId);
  if (!target) throw executionNotFound(pipeline.name, request.targetId);
  if (target.version !== draft.snapshot.pipeline.version) {
    throw exception(
      PipelineExecutionOutdatedException,
      `The pipeline execution '${target.executionId}' ran by another version of the pipeline's structure`,
    );
  }
  const why = whyNot(draft, stage, target);
  if (why)
    throw exception(
      UnableToRollbackStageException,
      `Unable to roll back stage '${stage.name}': ${why}`,
    );
  const [occupant] = draft.at(stage.name).inside;
  if (occupant?.status === 'Stopping') {
    throw exception(
      ConflictException,
      `The pipeline execution '${occupant.executionId}' in stage '${stage.name}' is being stopped`,
    );
  }
  if (occupant) {
    throw exception(
      UnableToRollbackStageException,
      `Unable to roll back stage '${stage.name}': the pipeline execution '${occupant.executionId}' is in progress in it`,
    );
  }
  const trigger = { triggerType: 'ManualRollback', triggerDetail: request.by } as const;
  begin(draft, stage, { executionId: request.executionId, target, trigger });
}

function whyNot(draft: Draft, stage: Stage, target: ExecutionState): string | undefined {
  if (stage === draft.pipeline.stages[0])
    return 'a stage with source actions has nothing to go back to';
  if (!policyOf({ mode: draft.pipeline.executionMode }).rollsBack)
    return `a pipeline in ${draft.pipeline.executionMode} mode does not roll back`;
  if (target.type === 'ROLLBACK')
    return `the pipeline execution '${target.executionId}' is itself a rollback`;
  if (!policyOf(target).rollsBack)
    return `the pipeline execution '${target.executionId}' ran in ${target.mode} mode`;
  if (ownValue(target.stages, stage.name)?.status !== 'Succeeded')
    return `the pipeline execution '${target.executionId}' has not succeeded in it`;
  return undefined;
}

/** Goes back to the last execution that succeeded in a stage by this structure, where there is one (CP-C23). */
export function rollBackByItself({ draft, execution, stage }: StageAt, attempt: number): void {
  const last = draft.stageState(stage.name).lastSucceeded;
  const target =
    last?.version === execution.version ? draft.execution(last.executionId) : undefined;
  if (!target || whyNot(draft, stage, target)) {
    execution.statusSummary = `Stage '${stage.name}' was not rolled back: no execution has succeeded in it by version ${execution.version} of the pipeline`;
    draft.touchExecution(execution);
    return;
  }
  begin(draft, stage, {
    executionId: uuidOf('rollback', execution.executionId, stage.name, attempt),
    target,
    trigger: { triggerType: 'AutomatedRollback', triggerDetail: execution.executionId },
  });
}

/** It enters at once: whoever waits there comes after it. */
function begin(
  draft: Draft,
  stage: Stage,
  {
    executionId,
    target,
    trigger,
  }: { executionId: string; target: ExecutionState; trigger: ExecutionState['trigger'] },
): void {
  const { variables, sourceOverrides, outputVariables, artifacts, revisions } =
    structuredClone(target);
  const execution: ExecutionState = {
    executionId,
    ordinal: draft.nextOrdinal(),
    version: draft.snapshot.pipeline.version,
    mode: draft.pipeline.executionMode,
    type: 'ROLLBACK',
    rollbackTarget: target.executionId,
    status: 'InProgress',
    startTime: draft.now,
    lastUpdate: draft.now,
    trigger,
    attempt: 1,
    stages: {},
    ...{ variables, sourceOverrides, outputVariables, artifacts, revisions },
  };
  draft.addExecution(execution);
  enterStage(draft, execution, stage);
}
