import {
  ConflictException,
  NotLatestPipelineExecutionException,
  StageNotRetryableException,
} from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { stageNotFound } from '../errors.ts';
import { findStage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { policyOf } from './mode.ts';
import { failedActions, resume } from './resume.ts';
import { requireRoom } from './room.ts';
import type { StageAt } from './stage-at.ts';
import { type ExecutionState, isLive, type RetryRequest } from './state.ts';

/** CP-C17..C19. @throws StageNotFound-, NotLatestPipelineExecution-, StageNotRetryable-, Conflict-, ConcurrentPipelineExecutionsLimitExceededException */
export function retry(draft: Draft, request: RetryRequest): void {
  const at = latestAt(draft, request);
  if (!at || isOutdated(at))
    throw notRetryable(request.stageName, 'the structure of the pipeline has changed');
  checkRetryable(at, request.mode);
  at.execution.attempt++;
  reopen(at);
  resume(at, { mode: request.mode, by: 'ManualStageRetry' });
}

/**
 * An execution in a stage where no later one has been since.
 * @returns undefined where it has never been there
 * @throws StageNotFoundException, NotLatestPipelineExecutionException
 */
export function latestAt(
  draft: Draft,
  { stageName, executionId }: Pick<RetryRequest, 'stageName' | 'executionId'>,
): StageAt | undefined {
  const execution = draft.execution(executionId);
  const live = execution && isLive(execution) ? draft.pipelineOf(execution) : draft.pipeline;
  const stage = findStage(live, stageName);
  if (!stage) throw stageNotFound(draft.pipeline.name, stageName);
  const shows = execution && policyOf(execution).showsInState;
  if (!execution || (shows && draft.stageState(stage.name).latestExecutionId !== executionId)) {
    throw exception(
      NotLatestPipelineExecutionException,
      `The pipeline execution '${executionId}' is not the latest one in stage '${stage.name}'`,
    );
  }
  const run = ownValue(execution.stages, stage.name);
  return run && { draft, execution, stage, run };
}

/** The pipeline has got another structure since. */
export const isOutdated = ({ draft, execution }: StageAt): boolean =>
  execution.version !== draft.snapshot.pipeline.version;

/** An execution that has ended is alive again, inside the stage that it ended in. */
export function reopen({ draft, execution, stage }: StageAt): void {
  if (!isLive(execution)) requireRoom(draft, execution.mode);
  execution.position = { stage: stage.name, phase: 'inside', since: draft.now };
  draft.setExecution(execution, 'InProgress', true);
}

/** @throws ConflictException */
export function refuseStopping({ executionId, status }: ExecutionState): void {
  if (status !== 'Stopping') return;
  throw exception(ConflictException, `The pipeline execution '${executionId}' is being stopped`);
}

function checkRetryable(at: StageAt, mode: RetryRequest['mode']): void {
  const { draft, execution, stage, run } = at;
  refuseStopping(execution);
  const latest = [...draft.latestIn(execution, stage.name).values()];
  if (mode === 'ALL_ACTIONS' && latest.some((a) => a.status === 'InProgress')) {
    throw notRetryable(stage.name, 'actions of the stage are in progress');
  }
  const ended = run.status === 'Failed' || run.status === 'Stopped';
  const partly =
    run.status === 'InProgress' && run.phase === 'actions' && failedActions(at).length > 0;
  if (!ended && !partly) throw notRetryable(stage.name, 'it has no failed actions');
}

function notRetryable(stage: string, why: string): Error {
  return exception(StageNotRetryableException, `Stage '${stage}' cannot be retried: ${why}`);
}
