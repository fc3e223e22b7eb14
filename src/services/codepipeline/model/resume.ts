import type { RetryMode } from './declaration.ts';
import { enterPhase } from './enter.ts';
import type { StageAt } from './stage-at.ts';
import { startAction } from './start-action.ts';
import type { StageRun } from './state.ts';

export interface Resumption {
  mode: RetryMode;
  by: NonNullable<StageRun['latestRetry']>;
}

/**
 * Sets a stage going again that its execution is in (CP-C18, CP-C20). What comes first again: the condition that was not
 * met, the failed actions, or all.
 */
export function resume(at: StageAt, { mode, by }: Resumption): void {
  const { draft, execution, stage, run } = at;
  if (by === 'ManualStageRetry') run.manualRetries++;
  else run.autoRetries++;
  run.latestRetry = by;
  run.retriedAt = draft.now;
  const { phase } = run;
  const failed = failedActions(at);
  draft.setStage(execution, run, 'InProgress', true);
  const all = mode === 'ALL_ACTIONS' && phase !== 'beforeEntry';
  if (all) run.round++;
  const condition = phase === 'beforeEntry' || (phase === 'onSuccess' && !all) ? phase : undefined;
  enterPhase(at, condition ?? 'actions');
  if (all || condition) return;
  for (const action of stage.actions) {
    if (failed.includes(action.name)) startAction(at, action);
  }
}

/** The names of the actions that failed or were abandoned. */
export function failedActions({ draft, execution, stage }: StageAt): string[] {
  return [...draft.latestIn(execution, stage.name).values()]
    .filter(({ status }) => status === 'Failed' || status === 'Abandoned')
    .map(({ actionName }) => actionName);
}
