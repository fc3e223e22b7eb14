import type { Decisions } from '../../../engine/machine.ts';
import type { ActionFacts } from './action-type.ts';
import type { Stage } from './declaration.ts';
import { Draft } from './draft.ts';
import { enterStage } from './enter.ts';
import { policyOf } from './mode.ts';
import { runStage } from './phases.ts';
import type { ExecutionState, Snapshot } from './state.ts';

/**
 * The engine: from what is, what has to be written and done next. Pure; the same input gives the same step.
 * Rows: CP-C1..C8 (order, locks, modes), C12..C14 (transitions), time-outs. What a stage does: phases.ts.
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
      message: `The ${run.rule ? 'rule' : 'action'} did not complete within its time-out of ${minutes} minutes`,
    };
    delete run.progress.token;
    draft.setAction(run, 'Failed');
  }
}

/** Brings an execution one step further. Returns false when it can only wait. */
function move(draft: Draft, execution: ExecutionState): boolean {
  const { position } = execution;
  const stage = position && draft.stageOf(execution, position.stage);
  if (!stage) return false;
  return position.phase === 'waiting'
    ? tryToEnter(draft, execution, stage)
    : runStage(draft, execution, stage);
}

function tryToEnter(draft: Draft, execution: ExecutionState, stage: Stage): boolean {
  if (execution.position?.parked || !isOpen(draft, execution, stage)) return false;
  if (!policyOf(execution).mayEnter(execution, draft.at(stage.name))) return false;
  enterStage(draft, execution, stage);
  return true;
}

/** The way into a stage is open when neither side of it is disabled. */
function isOpen(draft: Draft, execution: ExecutionState, stage: Stage): boolean {
  const { stages } = draft.pipelineOf(execution);
  const before = stages[stages.indexOf(stage) - 1];
  const outboundOpen = !before || draft.stageState(before.name).outbound.enabled;
  return outboundOpen && draft.stageState(stage.name).inbound.enabled;
}
