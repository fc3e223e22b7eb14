import type { Decisions } from '../../../engine/machine.ts';
import { ownValue, setOwn } from '../../../lib/own.ts';
import type { ActionFacts } from './action-type.ts';
import { runOrderGroups } from './artifact-flow.ts';
import { findStage, type Stage } from './declaration.ts';
import { Draft } from './draft.ts';
import { startAction } from './start-action.ts';
import type { ExecutionState, Snapshot, StageRun } from './state.ts';

/**
 * The engine: from what is, what has to be written and done next. Pure; the same input gives the same step.
 * Rows: CP-C1..C4 (order, locks, superseding), C12..C14 (transitions), C15/C16 (stopping), action time-outs.
 */
export const decisionsFor = (types: readonly ActionFacts[]): Decisions<Snapshot, Draft> => ({
  draft: (snapshot, now) => new Draft(snapshot, now, types),
  decide(draft) {
    expireActions(draft);
    while (draft.live().some((execution) => move(draft, execution))) {
      // Each move brings an execution forward, so there is a last one.
    }
  },
});

function expireActions(draft: Draft): void {
  for (const run of draft.snapshot.actions) {
    if (run.status !== 'InProgress' || run.deadline > draft.now) continue;
    const minutes = Math.round((run.deadline - run.startTime) / 60_000);
    run.errorDetails = {
      code: 'JobTimedOut',
      message: `The action did not complete within its time-out of ${minutes} minutes`,
    };
    delete run.progress.token;
    draft.setAction(run, 'Failed');
  }
}

/** Brings an execution one step further. Returns false when it can only wait. */
function move(draft: Draft, execution: ExecutionState): boolean {
  const { position } = execution;
  if (!position) return false;
  const stage = findStage(draft.pipeline, position.stage);
  if (!stage) return false;
  return position.phase === 'waiting'
    ? tryToEnter(draft, execution, stage)
    : runStage(draft, execution, stage);
}

function tryToEnter(draft: Draft, execution: ExecutionState, stage: Stage): boolean {
  if (execution.position?.parked || draft.occupant(stage.name)) return false;
  if (!isOpen(draft, stage)) return false;
  execution.position = { stage: stage.name, phase: 'inside', since: draft.now };
  const run: StageRun = {
    stageName: stage.name,
    status: 'InProgress',
    startTime: draft.now,
    lastUpdate: draft.now,
    round: 1,
    manualRetries: 0,
  };
  setOwn(execution.stages, stage.name, run);
  const state = draft.stageState(stage.name);
  state.latestExecutionId = execution.executionId;
  draft.touchStage(state);
  draft.setStage(execution, run, 'InProgress');
  return true;
}

/** The way into a stage is open when neither side of it is disabled. */
function isOpen(draft: Draft, stage: Stage): boolean {
  const { stages } = draft.pipeline;
  const before = stages[stages.indexOf(stage) - 1];
  const outboundOpen = !before || draft.stageState(before.name).outbound.enabled;
  return outboundOpen && draft.stageState(stage.name).inbound.enabled;
}

function runStage(draft: Draft, execution: ExecutionState, stage: Stage): boolean {
  const run = ownValue(execution.stages, stage.name);
  if (!run) return false;
  const latest = draft.latestIn(execution, stage.name);
  if (execution.status === 'Stopping') {
    if ([...latest.values()].some((a) => a.status === 'InProgress')) return false;
    draft.setStage(execution, run, 'Stopped');
    draft.setExecution(execution, 'Stopped');
    return true;
  }
  for (const group of runOrderGroups(stage.actions)) {
    const missing = group.filter((action) => !latest.has(action.name));
    for (const action of missing) startAction(draft, execution, stage, action);
    if (missing.length > 0) return true;
    const runs = group.map((action) => latest.get(action.name)?.status);
    if (runs.includes('InProgress')) return false;
    if (runs.some((status) => status !== 'Succeeded')) {
      draft.setStage(execution, run, 'Failed');
      draft.setExecution(execution, 'Failed');
      return true;
    }
  }
  leaveStage(draft, execution, stage, run);
  return true;
}

function leaveStage(draft: Draft, execution: ExecutionState, stage: Stage, run: StageRun): void {
  draft.setStage(execution, run, 'Succeeded');
  const next = draft.stageAfter(stage.name);
  if (next) arrive(draft, execution, next);
  else draft.setExecution(execution, 'Succeeded');
}

/** Puts an execution in front of a stage; who waited there is superseded by the newer one (CP-C4). */
export function arrive(draft: Draft, execution: ExecutionState, stage: Stage): void {
  const waiting = draft.waiter(stage.name);
  execution.position = { stage: stage.name, phase: 'waiting', since: draft.now };
  draft.touchExecution(execution);
  if (!waiting) return;
  const older = waiting.ordinal < execution.ordinal ? waiting : execution;
  draft.setExecution(older, 'Superseded');
}
