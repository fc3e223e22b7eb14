import { ConditionNotOverridableException } from '@aws-sdk/client-codepipeline';
import { exception } from '../../../aws/errors.ts';
import type { Draft } from './draft.ts';
import { enterPhase } from './enter.ts';
import { isOutdated, latestAt, refuseStopping, reopen } from './retry.ts';
import { isLive } from './state.ts';

export interface OverrideRequest {
  stageName: string;
  executionId: string;
  member: 'beforeEntry' | 'onSuccess';
}

/**
 * A condition that is not met, or not yet, counts as if it were (CP-C26): the stage goes on behind it.
 * @throws StageNotFound-, NotLatestPipelineExecution-, ConditionNotOverridable-, Conflict-, ConcurrentPipelineExecutionsLimitExceededException
 */
export function override(draft: Draft, { member, ...request }: OverrideRequest): void {
  const at = latestAt(draft, request);
  const condition = at?.run.conditions[member];
  if (!at || !condition) throw notOverridable(request.stageName, 'it has no such condition');
  const { execution, run, stage } = at;
  if (stage[member]?.conditions[0]?.result === 'SKIP')
    throw notOverridable(request.stageName, 'its result is SKIP');
  refuseStopping(execution);
  if (run.phase !== member || !OVERRIDABLE.includes(condition.status)) {
    throw notOverridable(request.stageName, `the condition is ${condition.status}`);
  }
  if (run.status !== 'InProgress' && run.status !== 'Failed') {
    throw notOverridable(request.stageName, `the stage is ${run.status}`);
  }
  for (const rule of draft.rulesOf(condition)) {
    if (rule.status === 'InProgress') draft.setAction(rule, 'Abandoned');
  }
  draft.setCondition(execution, condition, 'Overridden');
  delete condition.summary;
  if (!isLive(execution)) {
    if (isOutdated(at)) throw notOverridable(request.stageName, 'the pipeline has changed');
    reopen(at);
    draft.setStage(execution, run, 'InProgress', true);
  }
  // Entry: the actions begin. Success: the next look finds the condition overridden, and leaves the stage.
  if (member === 'beforeEntry') enterPhase(at, 'actions');
}

const OVERRIDABLE = ['InProgress', 'Failed', 'Errored'];

function notOverridable(stage: string, why: string): Error {
  return exception(
    ConditionNotOverridableException,
    `The condition of stage '${stage}' cannot be overridden: ${why}`,
  );
}
