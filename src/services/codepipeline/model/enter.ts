import { beginEvaluation, conditionAt } from './conditions.ts';
import type { Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { policyOf } from './mode.ts';
import type { StageAt } from './stage-at.ts';
import type { ExecutionState, Phase, StageRun } from './state.ts';
import { BEGIN, requireMove } from './states.ts';

/** Gives an execution a stage, and its lock where its mode has one. */
export function enterStage(draft: Draft, execution: ExecutionState, stage: Stage): void {
  execution.position = { stage: stage.name, phase: 'inside', since: draft.now };
  const run: StageRun = {
    stageName: stage.name,
    status: 'InProgress',
    startTime: draft.now,
    lastUpdate: draft.now,
    round: 1,
    manualRetries: 0,
    autoRetries: 0,
    phase: 'beforeEntry',
    conditions: {},
  };
  requireMove('phase', BEGIN, run.phase);
  draft.addStage(execution, run);
  if (policyOf(execution).showsInState) {
    const state = draft.stageState(stage.name);
    state.latestExecutionId = execution.executionId;
    draft.touchStage(state);
  }
  if (conditionAt({ execution, stage }, 'beforeEntry'))
    beginEvaluation({ draft, execution, stage, run }, 'beforeEntry');
}

export function enterPhase(at: StageAt, phase: Phase): void {
  requireMove('phase', at.run.phase, phase);
  at.run.phase = phase;
  at.draft.touchExecution(at.execution);
  if (phase !== 'actions' && conditionAt(at, phase)) beginEvaluation(at, phase);
}
