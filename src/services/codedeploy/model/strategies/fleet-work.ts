import type { Draft } from '../deployment-state.ts';
import { ending } from '../ending.ts';
import { FLEET_TIMEOUT_MS, type FleetWork } from '../fleet.ts';
import * as messages from '../messages.ts';
import { newTarget } from '../new-target.ts';

/** Asks for it where nobody has. @returns it is done or has come to nothing; or there is no copied group that it could be done to */
export function fleetIsOver(draft: Draft, work: FleetWork, now: number): boolean {
  const { fleet } = draft.state.blueGreen ?? {};
  if (!fleet || fleet.done.includes(work)) return true;
  if (fleet.work !== work) draft.askForFleet(work, now);
  else if (now >= (fleet.since ?? now) + FLEET_TIMEOUT_MS) {
    const message = messages.fleetLate(fleet.copy);
    draft.answerFleet(work, { code: 'AUTO_SCALING_CONFIGURATION', message });
    return true;
  }
  return false;
}

/** The same, where it has to be done for the deployment to go on: what cannot be has failed it. */
export function fleetHas(draft: Draft, work: FleetWork, now: number): boolean {
  if (!fleetIsOver(draft, work, now)) return false;
  const { trouble } = draft.state.blueGreen?.fleet ?? {};
  if (!trouble) return true;
  draft.setDeployment({ ending: ending('Failed', trouble.code, trouble.message, 'drain') });
  return false;
}

/** The copied group is there, and the instances of both are known. */
export function hasFleet(draft: Draft, now: number): boolean {
  const { state } = draft;
  if (!state.blueGreen?.fleet || state.targets.length > 0) return true;
  if (!fleetHas(draft, 'make', now)) return false;
  const labels = new Set(state.candidates.map(({ label }) => label));
  if (labels.has('Green') && labels.has('Blue')) {
    draft.addTargets(state.candidates.map((candidate) => newTarget(state, candidate)));
    return true;
  }
  draft.setDeployment({
    ending: ending('Failed', 'NO_INSTANCES', messages.NO_INSTANCES, 'drain'),
  });
  return false;
}
