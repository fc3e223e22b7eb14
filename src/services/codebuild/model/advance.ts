import { type Decisions, takeStep } from '../../../engine/machine.ts';
import { Draft, type Snapshot, type Step } from './build-draft.ts';
import { deadlineOf, isDriven, overdue, queuedUntil } from './deadlines.ts';

/** How a build goes on that nobody has anything new to say about. */
export function advance(snapshot: Snapshot, now: number): Step {
  return takeStep(decisions, snapshot, now, () => undefined).step;
}

/** A build from phase to phase. What its phases do is the work of a reconciler of its own, which says how it ended. */
export const decisions: Decisions<Snapshot, Draft> = {
  draft: (snapshot, now) => new Draft(snapshot, now),
  decide(draft) {
    while (move(draft)) {
      // Each move ends a phase, so there is a last one.
    }
  },
};

/** Ends the current phase if there is a reason to. Returns false when it can only go on. */
function move(draft: Draft): boolean {
  const { state, phase } = draft;
  const at = new Date(draft.now);
  if (state.slot === 'done') return false;
  if (phase === 'QUEUED') return leaveQueue(draft, at);
  const late = at >= deadlineOf(state);
  if (phase === 'FINALIZING') {
    if (late) draft.complete('What the build left could not be cleared away: its time was up');
    return late;
  }
  if (isDriven(state.run)) {
    // Its work is told to end before; this is for work that nothing ends.
    if (late) {
      draft.setRun({ followed: true });
      draft.endPhase(overdue(state, at));
    }
    return late;
  }
  if (state.stopRequested) draft.endPhase({ status: 'STOPPED', at });
  else if (late) draft.endPhase(overdue(state, at));
  return state.stopRequested || late;
}

/** QUEUED: waits for a slot (CB-J1). */
function leaveQueue(draft: Draft, at: Date): boolean {
  const { state } = draft;
  if (state.stopRequested) draft.endPhase({ status: 'STOPPED', at });
  else if (at >= queuedUntil(state)) {
    const message = `Build has timed out in the queue after ${state.inputs.queuedTimeoutInMinutes} minutes`;
    draft.endPhase({ status: 'TIMED_OUT', at, code: 'BUILD_TIMED_OUT', message });
  } else if (state.lost !== undefined) {
    draft.endPhase({ status: 'FAILED', at, code: 'CLIENT_ERROR', message: state.lost });
  } else if (state.hasRoom) {
    draft.set({ slot: 'running', ...(state.overflows && { fleetArn: undefined }) });
    draft.endPhase({ status: 'SUCCEEDED', at });
  } else {
    draft.waits(state.waitsFor);
    return false;
  }
  return true;
}
