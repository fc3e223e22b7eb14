import { type Decisions, takeStep } from '../../../engine/machine.ts';
import { advanceTarget, skipRest } from './advance-target.ts';
import {
  type AlarmTrouble,
  type Candidate,
  Draft,
  type Ending,
  isRunning,
  prepareDeadline,
  type Snapshot,
  type Step,
  type TargetSnapshot,
  type Trouble,
  timeOutOf,
} from './deployment-state.ts';
import { ending, endWith, hasShifted } from './ending.ts';
import * as messages from './messages.ts';
import { newTarget } from './new-target.ts';
import { advanceBlueGreen } from './strategies/blue-green.ts';
import { driveShift, prepareShift, shiftTarget } from './strategies/drive.ts';
import { fleetIsOver } from './strategies/fleet-work.ts';
import { advanceInPlace } from './strategies/in-place.ts';

/** Instances in one deployment. */
export const MAX_INSTANCES = 1000;

/** The next step of a deployment. */
export function advance(snapshot: Snapshot, now: number): Step {
  return takeStep(decisions, snapshot, now, () => undefined).step;
}

export const decisions: Decisions<Snapshot, Draft> = {
  draft: (snapshot) => new Draft(snapshot),
  decide(draft, now) {
    const { status } = draft.state;
    if (status === 'Created' || status === 'Queued') begin(draft, now);
    while (isRunning(draft.state) && (draft.state.shift ? shiftStep : step)(draft, now));
  },
};

/** From Created or Queued to InProgress or a failure, when all is known that must be. */
function begin(draft: Draft, now: number): undefined {
  const { state } = draft;
  if (state.stop) return endWith(draft, 'Stopped', 'MANUAL_STOP', messages.STOPPED);
  if (!state.applicationExists)
    return endWith(draft, 'Failed', 'APPLICATION_MISSING', messages.NO_APPLICATION);
  if (!state.groupExists)
    return endWith(draft, 'Failed', 'DEPLOYMENT_GROUP_MISSING', messages.NO_GROUP);
  if (state.waitsForOther) {
    if (state.status === 'Created') draft.setDeployment({ status: 'Queued' });
    return;
  }
  if (now >= (prepareDeadline(state) ?? Number.POSITIVE_INFINITY))
    return endWith(draft, 'Failed', 'TIMEOUT', messages.NOT_PREPARED);
  if (!state.role) draft.askForRole(now);
  if (state.role === 'asked') return;
  if (state.role !== 'ok') return roleFailure(draft);
  if (state.shift) {
    const prepared = prepareShift(draft, now);
    if (prepared === 'waits') return;
    if (prepared !== 'ready') return endWith(draft, 'Failed', prepared.code, prepared.message);
  } else {
    const lacking = lackOf(state);
    if (lacking) return endWith(draft, 'Failed', lacking.code, lacking.message);
  }
  if (state.watchesAlarms && !state.alarms) draft.askForAlarms();
  if (state.alarms === 'asked') return;
  const trouble = alarmTrouble(state);
  if (trouble) return endWith(draft, 'Stopped', trouble.code, trouble.message);
  draft.setDeployment({ status: 'InProgress', startedAt: now });
  draft.writes.push({ type: 'notify', subject: 'deployment', state: 'START' });
  const { shift, blueGreen } = draft.state;
  // Those of a copied group are not there yet.
  const awaits = blueGreen?.fleet && !blueGreen.takesBack;
  if (!awaits)
    draft.addTargets(
      shift?.plan
        ? [shiftTarget(shift.plan, shift.back)]
        : state.candidates.map((candidate) => newTarget(state, candidate)),
    );
  if (shift) draft.setShift({ begun: undefined, done: undefined });
}

/** One look at a deployment that shifts traffic. Returns true when another may find more to do. */
function shiftStep(draft: Draft, now: number): boolean {
  const looked = driveShift(draft, now, outsideEnding(draft.state));
  if (looked === 'again') return true;
  if (looked === 'waits') return false;
  if (looked.status === 'Succeeded') endWith(draft, 'Succeeded');
  else endWith(draft, looked.status, looked.code, looked.message);
  return false;
}

/** Why it cannot start with what was found for it. */
function lackOf(state: Snapshot): Trouble | undefined {
  const { candidates, blueGreen, zonal } = state;
  if (blueGreen?.lacks === 'balancer')
    return { code: 'MISSING_ELB_INFORMATION', message: messages.NO_BALANCER };
  if (blueGreen?.lacks === 'configuration') {
    const code = 'MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION';
    return { code, message: messages.NO_BLUE_GREEN_CONFIGURATION };
  }
  if (state.ec2Refusal !== undefined) {
    const message = messages.noEc2Permission(state.serviceRoleArn, state.ec2Refusal);
    return { code: 'IAM_ROLE_PERMISSIONS', message };
  }
  // The others have all of the traffic: it is not taken from them for instances that are gone.
  if (blueGreen?.gone?.length)
    return { code: 'NO_INSTANCES', message: messages.originalsNotRunning(blueGreen.gone) };
  if (state.scalingTrouble) return state.scalingTrouble;
  if (state.trafficTrouble) return state.trafficTrouble;
  if (candidates.length === 0) return { code: 'NO_INSTANCES', message: messages.NO_INSTANCES };
  const counted = (label: Candidate['label']) => candidates.filter((c) => c.label === label).length;
  const [blue, green] = [counted('Blue'), counted('Green')];
  if (blueGreen && !blueGreen.takesBack && !blueGreen.fleet && (green === 0 || green !== blue))
    return { code: 'NO_INSTANCES', message: messages.unevenFleets(blue, green) };
  if (candidates.length > MAX_INSTANCES)
    return { code: 'OVER_MAX_INSTANCES', message: messages.tooManyInstances(MAX_INSTANCES) };
  if (!zonal) return undefined;
  const zoneless = candidates.filter(({ zone }) => zone === undefined).map(({ name }) => name);
  if (blueGreen) return { code: 'HEALTH_CONSTRAINTS_INVALID', message: messages.ZONAL_BLUE_GREEN };
  if (zoneless.length === 0) return undefined;
  return { code: 'HEALTH_CONSTRAINTS_INVALID', message: messages.zonelessInstances(zoneless) };
}

function roleFailure(draft: Draft): undefined {
  const { role, serviceRoleArn } = draft.state;
  if (role === 'missing')
    endWith(draft, 'Failed', 'IAM_ROLE_MISSING', messages.roleMissing(serviceRoleArn));
  else endWith(draft, 'Failed', 'IAM_ROLE_PERMISSIONS', messages.roleDenied(serviceRoleArn));
}

/** One round over a deployment in progress. Returns true when another may find more to do. */
function step(draft: Draft, now: number): boolean {
  const { state } = draft;
  const before = draft.writes.length;
  decideEnding(draft, now);
  for (const target of inState(state, 'InProgress')) advanceTarget(draft, target, now);
  if (!state.ending) (state.blueGreen ? advanceBlueGreen : advanceInPlace)(draft, now);
  if (state.ending) {
    for (const target of [...inState(state, 'Pending'), ...inState(state, 'Ready')]) {
      skipRest(draft, target, now);
      draft.setTarget(target, 'Skipped');
    }
    if (inState(state, 'InProgress').length === 0 && hasGivenUp(draft, now)) {
      const { status, code, message } = state.ending;
      endWith(draft, status, code, message);
    }
  }
  return draft.writes.length > before;
}

/** Nothing of a copied group stays where no traffic has come to it; what has some is given up by a rollback. @returns it is so */
function hasGivenUp(draft: Draft, now: number): boolean {
  const { targets, blueGreen } = draft.state;
  const { fleet, takesBack } = blueGreen ?? {};
  if (!fleet || takesBack || hasShifted(targets)) return true;
  return fleetIsOver(draft, 'remove', now);
}

/** An end that comes from outside the fleet: a stop, a missing group, too much time. A stop goes before all others. */
function decideEnding(draft: Draft, now: number): void {
  const { state } = draft;
  const interrupt = outsideEnding(state);
  if (interrupt) draft.setDeployment({ ending: interrupt });
  if (state.blueGreen?.reroute.termination === 'asked') return;
  const mostMs = timeOutOf(state);
  if (now < (state.startedAt ?? now) + mostMs) return;
  const message = messages.timedOut(mostMs / 3600_000);
  const late = state.ending ?? ending('Failed', 'TIMEOUT', message, 'abort');
  if (state.ending?.mode !== 'abort') draft.setDeployment({ ending: { ...late, mode: 'abort' } });
}

function outsideEnding(state: Snapshot): Ending | undefined {
  // What terminates instances goes on: its end is known soon, and only then what there is to go back to.
  if (state.blueGreen?.reroute.termination === 'asked') return undefined;
  if (state.stop && state.ending?.status !== 'Stopped')
    return ending('Stopped', 'MANUAL_STOP', messages.STOPPED, 'interrupt');
  const trouble = alarmTrouble(state);
  if (trouble && !state.ending)
    return ending('Stopped', trouble.code, trouble.message, 'interrupt');
  if (!state.groupExists && !state.ending)
    return ending('Failed', 'DEPLOYMENT_GROUP_MISSING', messages.NO_GROUP, 'interrupt');
  return undefined;
}

function alarmTrouble({ alarms }: Snapshot): AlarmTrouble | undefined {
  return typeof alarms === 'object' ? alarms : undefined;
}

function inState(state: Snapshot, status: TargetSnapshot['status']): TargetSnapshot[] {
  return state.targets.filter((target) => target.status === status);
}
