import type { Stage } from './declaration.ts';
import type { Draft } from './draft.ts';
import { policyOf } from './mode.ts';
import { type ExecutionState, isLive } from './state.ts';

/** Puts an execution in front of a stage; which of those that wait there give way, its mode says (CP-C4). */
export function arrive(draft: Draft, execution: ExecutionState, stage: Stage): void {
  execution.position = { stage: stage.name, phase: 'waiting', since: draft.now };
  draft.touchExecution(execution);
  const { waiting } = draft.at(stage.name);
  for (const older of policyOf(execution).giveWay(waiting)) draft.setExecution(older, 'Superseded');
  // What comes new sets those going again that waited for more than a month (CP-C14).
  for (const other of waiting) {
    if (!isLive(other) || !other.position?.parked) continue;
    delete other.position.parked;
    draft.touchExecution(other);
  }
}
