import type { BlueGreen } from './blue-green.ts';
import type { Candidate, Snapshot, TargetSnapshot } from './deployment-state.ts';
import { ALLOW_EVENTS, BLOCK_EVENTS, INSTALL_EVENTS, inPlaceEvents } from './lifecycle.ts';

/** A host as a deployment begins with it. */
export function newTarget(state: Snapshot, candidate: Candidate): TargetSnapshot {
  const events = namesOf(state, candidate).map((name) => ({ name, status: 'Pending' as const }));
  return { ...candidate, status: 'Pending', events };
}

function namesOf(
  { held, trafficControl, blueGreen }: Snapshot,
  { label }: Candidate,
): readonly string[] {
  if (held === 'launch')
    return trafficControl ? [...INSTALL_EVENTS, ...ALLOW_EVENTS] : INSTALL_EVENTS;
  if (held === 'termination') return [...(trafficControl ? BLOCK_EVENTS : []), 'ApplicationStop'];
  return blueGreen ? blueGreenEvents(blueGreen, label) : inPlaceEvents(trafficControl);
}

/** What happens to an instance of either side (CD-LCS-03, 04, 05). */
function blueGreenEvents(
  { takesBack }: BlueGreen,
  label: TargetSnapshot['label'],
): readonly string[] {
  if (takesBack) return label === 'Blue' ? ALLOW_EVENTS : BLOCK_EVENTS;
  return label === 'Blue' ? BLOCK_EVENTS : [...INSTALL_EVENTS, ...ALLOW_EVENTS];
}
