import { greatest } from '../../../../lib/append.ts';
import type { Draft, TargetSnapshot } from '../deployment-state.ts';
import { constraintsTrouble, endWith, failByHosts } from '../ending.ts';
import { decideFleet, type FleetDecision } from '../healthy-hosts.ts';
import { decideZones, type ZonedHost } from '../zones.ts';
import { asHost, startHosts } from './fleet.ts';

/** What comes next of a deployment that installs on the instances that serve (CD-LCS-01, 02). */
export function advanceInPlace(draft: Draft, now: number): void {
  const { minimumHealthyHosts, zonal, targets, status } = draft.state;
  if (!zonal) {
    carryOut(draft, decideFleet(minimumHealthyHosts, targets.map(asHost)));
    return;
  }
  const decision = decideZones(minimumHealthyHosts, zonal, targets.map(asZonedHost), now);
  if (decision.type === 'bake') {
    draft.bake(decision.until);
  } else {
    if (status === 'Baking') draft.setDeployment({ status: 'InProgress' });
    carryOut(draft, decision);
  }
}

function carryOut(draft: Draft, decision: FleetDecision): void {
  if (decision.type === 'start') {
    startHosts(draft, decision.names);
  } else if (decision.type === 'cancel') {
    failByHosts(draft, decision.code);
  } else if (decision.succeeded) {
    endWith(draft, 'Succeeded');
  } else {
    const { code, message } = constraintsTrouble(draft.state);
    endWith(draft, 'Failed', code, message);
  }
}

function asZonedHost(target: TargetSnapshot): ZonedHost {
  const ends = target.events.map(({ endedAt = 0 }) => endedAt);
  return { ...asHost(target), zone: target.zone ?? '', endedAt: greatest(ends) ?? 0 };
}
