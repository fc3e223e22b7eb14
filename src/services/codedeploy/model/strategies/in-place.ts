import { greatest } from '../../../../lib/append.ts';
import type { Draft, TargetSnapshot } from '../deployment-state.ts';
import { constraintsTrouble, ending, endWith, failByHosts } from '../ending.ts';
import { decideFleet, type FleetDecision, type Host } from '../healthy-hosts.ts';
import * as messages from '../messages.ts';
import { decideZones, type ZonedHost } from '../zones.ts';

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
  const { state } = draft;
  if (decision.type === 'start') {
    for (const target of state.targets) {
      if (decision.names.includes(target.name)) draft.setTarget(target, 'InProgress');
    }
  } else if (decision.type === 'cancel' && decision.code === 'HEALTH_CONSTRAINTS_INVALID') {
    const end = ending('Failed', decision.code, messages.CONSTRAINTS_INVALID, 'drain');
    draft.setDeployment({ ending: end });
  } else if (decision.type === 'cancel') {
    failByHosts(draft);
  } else if (decision.succeeded) {
    endWith(draft, 'Succeeded');
  } else {
    const { code, message } = constraintsTrouble(state);
    endWith(draft, 'Failed', code, message);
  }
}

function asHost({ name, health, revision, status }: TargetSnapshot): Host {
  const state = status === 'Skipped' || status === 'Ready' ? 'Failed' : status;
  return { name, health, revision, state };
}

function asZonedHost(target: TargetSnapshot): ZonedHost {
  const ends = target.events.map(({ endedAt = 0 }) => endedAt);
  return { ...asHost(target), zone: target.zone ?? '', endedAt: greatest(ends) ?? 0 };
}
