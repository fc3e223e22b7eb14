import { ownValue } from '../../../lib/own.ts';
import { arrive } from './arrive.ts';
import { runOrderGroups } from './artifact-flow.ts';
import { conditionAt, judge } from './conditions.ts';
import type { Result, Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { enterPhase } from './enter.ts';
import { policyOf } from './mode.ts';
import { resume } from './resume.ts';
import { rollBackByItself } from './rollback.ts';
import type { StageAt } from './stage-at.ts';
import { startAction } from './start-action.ts';
import type { ExecutionState, Phase } from './state.ts';
import { requireMove } from './states.ts';

// What a stage does: entry conditions, actions, then success or failure conditions (CP-C1, CP-C15, CP-C20..C25).

/** Brings an execution further in the stage that it is in. @returns false when it can only wait */
export function runStage(draft: Draft, execution: ExecutionState, stage: Stage): boolean {
  const run = ownValue(execution.stages, stage.name);
  if (!run) return false;
  const at = { draft, execution, stage, run };
  return execution.status === 'Stopping' ? finishStopping(at) : STEPS[run.phase](at);
}

/** Of each phase, the next step. */
const STEPS: Record<Phase, (at: StageAt) => boolean> = {
  beforeEntry: (at) => judged(at, 'beforeEntry', () => enterPhase(at, 'actions'), 'FAIL'),
  actions: runActions,
  onSuccess: (at) => judged(at, 'onSuccess', () => leaveStage(at), 'FAIL'),
  // Where its condition holds, the failure stays one.
  onFailure: (at) =>
    conditionAt(at, 'onFailure')
      ? judged(at, 'onFailure', () => engage(at, 'FAIL'), at.stage.onFailure?.result ?? 'FAIL')
      : engage(at, declaredResult(at)),
};

/** A rollback engages nothing: it would have no end. */
const declaredResult = ({ execution, stage }: StageAt): Result =>
  (execution.type === 'STANDARD' ? stage.onFailure?.result : undefined) ?? 'FAIL';

/** Goes on where a phase's condition is met, and engages its result where it is not; waits while its rules run. */
function judged(
  at: StageAt,
  phase: Exclude<Phase, 'actions'>,
  goOn: () => void,
  otherwise: Result,
): boolean {
  const verdict = judge(at, phase);
  if (verdict === 'waits') return false;
  if (verdict === 'met') goOn();
  else engage(at, conditionAt(at, phase)?.result ?? otherwise);
  return true;
}

function runActions(at: StageAt): boolean {
  const { draft, execution, stage } = at;
  const latest = draft.latestIn(execution, stage.name);
  for (const group of runOrderGroups(stage.actions)) {
    const missing = group.filter((action) => !latest.has(action.name));
    for (const action of missing) startAction(at, action);
    if (missing.length > 0) return true;
    const runs = group.map((action) => latest.get(action.name)?.status);
    if (runs.includes('InProgress')) return false;
    if (runs.some((status) => status !== 'Succeeded')) {
      enterPhase(at, 'onFailure');
      return true;
    }
  }
  enterPhase(at, 'onSuccess');
  return true;
}

/** A result engages (CP-C24). */
function engage(at: StageAt, result: Result): true {
  const { draft, execution, run } = at;
  if (result === 'SKIP') {
    end(at, 'Skipped');
    goOn(at);
    return true;
  }
  end(at, 'Failed');
  if (result === 'RETRY' && run.autoRetries === 0) {
    const mode = at.stage.onFailure?.retryConfiguration?.retryMode ?? 'FAILED_ACTIONS';
    execution.attempt++;
    resume(at, { mode, by: 'AutomatedStageRetry' });
    return true;
  }
  const attempt = execution.attempt;
  draft.setExecution(execution, 'Failed');
  if (result === 'ROLLBACK') rollBackByItself(at, attempt);
  return true;
}

/** A phase ends the stage's run. */
function end({ draft, execution, run }: StageAt, status: 'Succeeded' | 'Failed' | 'Skipped'): void {
  requireMove('phase', run.phase, status);
  draft.setStage(execution, run, status);
}

function leaveStage(at: StageAt): void {
  const { draft, execution, stage } = at;
  end(at, 'Succeeded');
  if (execution.type === 'STANDARD' && policyOf(execution).rollsBack) {
    const state = draft.stageState(stage.name);
    const { executionId, version } = execution;
    state.lastSucceeded = { executionId, version };
    draft.touchStage(state);
  }
  goOn(at);
}

/** To the next stage; a rollback has but one (CP-C21). */
function goOn({ draft, execution, stage }: StageAt): void {
  const next = execution.type === 'STANDARD' ? draft.stageAfter(execution, stage.name) : undefined;
  if (next) arrive(draft, execution, next);
  else draft.setExecution(execution, 'Succeeded');
}

/** Stop and wait: what runs ends first, actions and rules (CP-C15). */
function finishStopping(at: StageAt): boolean {
  const { draft, execution, stage, run } = at;
  const runs = draft.snapshot.actions.filter(
    (a) => a.executionId === execution.executionId && a.stageName === stage.name,
  );
  if (runs.some((a) => a.status === 'InProgress')) return false;
  if (run.phase !== 'actions') judge(at, run.phase);
  draft.setStage(execution, run, 'Stopped');
  draft.setExecution(execution, 'Stopped');
  return true;
}
