import { type BlueGreen, waitEnd } from '../blue-green.ts';
import { type Draft, isOpen, type TargetSnapshot } from '../deployment-state.ts';
import { constraintsTrouble, ending, endWith, failByHosts } from '../ending.ts';
import { decideFleet, type Host, minimumHosts } from '../healthy-hosts.ts';
import { INSTALL_EVENTS } from '../lifecycle.ts';
import * as messages from '../messages.ts';
import { asHost, startHosts } from './fleet.ts';
import { fleetHas, hasFleet } from './fleet-work.ts';

/**
 * What comes next of a blue/green deployment of servers: the replacement instances get the revision; it may wait; they get the
 * traffic; the original ones lose it; it may wait; they are terminated. Each part begins when the one before is done.
 */
export function advanceBlueGreen(draft: Draft, now: number): void {
  const { blueGreen } = draft.state;
  if (!blueGreen) return;
  if (!blueGreen.takesBack && !hasFleet(draft, now)) return;
  const { targets } = draft.state;
  const [blue, green] = [withLabel(targets, 'Blue'), withLabel(targets, 'Green')];
  if (blueGreen.takesBack) {
    const isBack = allSucceed(draft, blue) && allSucceed(draft, green);
    if (isBack && fleetHas(draft, 'return', now)) endWith(draft, 'Succeeded');
    return;
  }
  if (!hasRevision(draft, blueGreen, green, now) || !mayReroute(draft, blueGreen, now)) return;
  if (reroute(draft, green, now) && allSucceed(draft, blue) && fleetHas(draft, 'hand', now))
    terminate(draft, blueGreen, now);
}

const withLabel = (targets: readonly TargetSnapshot[], label: TargetSnapshot['label']) =>
  targets.filter((target) => target.label === label);

/** The replacement instances get the revision, as many at once as the configuration says (CD-MHH-11). */
function hasRevision(
  draft: Draft,
  { reroute }: BlueGreen,
  green: TargetSnapshot[],
  now: number,
): boolean {
  if (reroute.readyAt !== undefined) return true;
  const decision = decideFleet(
    draft.state.minimumHealthyHosts,
    green.map((target) =>
      asHost(target.status === 'Ready' ? { ...target, status: 'Succeeded' } : target),
    ),
  );
  if (decision.type === 'start') startHosts(draft, decision.names);
  else if (decision.type === 'cancel') failByHosts(draft, decision.code);
  else if (!decision.succeeded) failByHosts(draft);
  else {
    draft.setReroute({ readyAt: now });
    return true;
  }
  return false;
}

/** Traffic may wait for somebody who says that it may come (CD-DGF-11). */
function mayReroute(draft: Draft, blueGreen: BlueGreen, now: number): boolean {
  const { status } = draft.state;
  if (blueGreen.reroute.waitsSince !== undefined) return true;
  const until = waitEnd(blueGreen);
  if (until === undefined) {
    if (status === 'Ready') draft.setDeployment({ status: 'InProgress' });
    return true;
  }
  if (now >= until) {
    draft.setDeployment({
      ending: ending('Stopped', 'TIMEOUT', messages.NOT_CONTINUED, 'interrupt'),
    });
  } else if (status !== 'Ready') {
    draft.setDeployment({ status: 'Ready' });
    draft.writes.push({ type: 'notify', subject: 'deployment', state: 'READY' });
  }
  return false;
}

/** The instances that have the revision get traffic, as many at once as the configuration says (CD-CFG-02). @returns all have it */
function reroute(draft: Draft, green: TargetSnapshot[], now: number): boolean {
  const fleet = green.filter(hasCome);
  // Nothing is taken out of service here: the configuration says how many come at once, and one of them always may.
  const least = minimumHosts(draft.state.minimumHealthyHosts, fleet.length);
  const value = Math.max(0, Math.min(least, fleet.length - 1));
  const hosts = fleet.map((target): Host => {
    const status = target.status === 'Ready' ? 'Pending' : target.status;
    return asHost({ ...target, status, health: 'Healthy' });
  });
  const decision = decideFleet({ type: 'HOST_COUNT', value }, hosts);
  if (decision.type === 'end' && decision.succeeded) return true;
  if (decision.type !== 'start') failByHosts(draft);
  else
    for (const target of fleet.filter(({ name }) => decision.names.includes(name))) {
      draft.setTarget(target, 'InProgress');
      draft.offer(target, INSTALL_EVENTS.length, now);
    }
  return false;
}

/** It has come to where it may get traffic, whatever became of that. */
const hasCome = ({ events }: TargetSnapshot) =>
  events[INSTALL_EVENTS.length - 1]?.status === 'Succeeded';

/** Takes all these instances on at once; none of them may fail (CD-MHH-11). @returns all are done */
function allSucceed(draft: Draft, targets: TargetSnapshot[]): boolean {
  for (const target of targets)
    if (target.status === 'Pending') draft.setTarget(target, 'InProgress');
  if (targets.some(isOpen)) return false;
  if (targets.every(({ status }) => status === 'Succeeded')) return true;
  failByHosts(draft);
  return false;
}

function terminate(draft: Draft, { reroute, terminationWaitMs }: BlueGreen, now: number): void {
  const { termination, waitsSince, waitSkipped } = reroute;
  if (terminationWaitMs === undefined || termination === 'done') {
    endWith(draft, 'Succeeded');
  } else if (typeof termination === 'object') {
    const { code } = constraintsTrouble(draft.state);
    endWith(draft, 'Failed', code, messages.notTerminated(termination.refused));
  } else if (waitsSince === undefined) {
    draft.setReroute({ waitsSince: now });
  } else if (termination === undefined && (waitSkipped || now >= waitsSince + terminationWaitMs)) {
    draft.askForTermination();
  }
}
