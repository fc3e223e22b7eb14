import type { ErrorCode } from '@aws-sdk/client-codedeploy';
import { type Decisions, takeStep } from '../../../engine/machine.ts';
import { advanceTarget, skipRest } from './advance-target.ts';
import {
  type AlarmTrouble,
  Draft,
  type Ending,
  type Snapshot,
  type Step,
  type TargetSnapshot,
} from './deployment-state.ts';
import { decideFleet, type FleetDecision, type Host } from './healthy-hosts.ts';
import { DEPLOYMENT_TIMEOUT_MS, IN_PLACE_EVENTS } from './lifecycle.ts';
import * as messages from './messages.ts';
import { decideRollback } from './rollback.ts';
import { driveShift, prepareShift, shiftTarget } from './strategies/drive.ts';

/** Instances in one deployment. */
export const MAX_INSTANCES = 1000;

export function isTerminal(status: Snapshot['status']): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Stopped';
}

/** The next step of an in-place deployment. */
export function advance(snapshot: Snapshot, now: number): Step {
  return takeStep(decisions, snapshot, now, () => undefined).step;
}

export const decisions: Decisions<Snapshot, Draft> = {
  draft: (snapshot) => new Draft(snapshot),
  decide(draft, now) {
    const { status } = draft.state;
    if (status === 'Created' || status === 'Queued') begin(draft, now);
    while (isUnderWay(draft.state) && (draft.state.shift ? shiftStep : step)(draft, now));
  },
};

const isUnderWay = ({ status }: Snapshot) => status === 'InProgress' || status === 'Ready';

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
  if (!state.role) draft.askForRole();
  if (state.role === 'asked') return;
  if (state.role !== 'ok') return roleFailure(draft);
  if (state.ec2Refusal !== undefined) {
    const message = messages.noEc2Permission(state.serviceRoleArn, state.ec2Refusal);
    return endWith(draft, 'Failed', 'IAM_ROLE_PERMISSIONS', message);
  }
  if (state.shift) {
    const prepared = prepareShift(draft, now);
    if (prepared === 'waits') return;
    if (prepared !== 'ready') return endWith(draft, 'Failed', prepared.code, prepared.message);
  } else if (state.candidates.length === 0)
    return endWith(draft, 'Failed', 'NO_INSTANCES', messages.NO_INSTANCES);
  if (state.candidates.length > MAX_INSTANCES) {
    return endWith(draft, 'Failed', 'OVER_MAX_INSTANCES', messages.tooManyInstances(MAX_INSTANCES));
  }
  if (state.watchesAlarms && !state.alarms) draft.askForAlarms();
  if (state.alarms === 'asked') return;
  const trouble = alarmTrouble(state);
  if (trouble) return endWith(draft, 'Stopped', trouble.code, trouble.message);
  draft.setDeployment({ status: 'InProgress', startedAt: now });
  draft.writes.push({ type: 'notify', subject: 'deployment', state: 'START' });
  const { shift } = draft.state;
  draft.addTargets(
    shift?.plan ? [shiftTarget(shift.plan, shift.back)] : state.candidates.map(newTarget),
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

function newTarget(candidate: Snapshot['candidates'][number]): TargetSnapshot {
  const events = IN_PLACE_EVENTS.map((name) => ({ name, status: 'Pending' as const }));
  return { ...candidate, status: 'Pending', events };
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
  if (!state.ending)
    fleet(draft, decideFleet(state.minimumHealthyHosts, state.targets.map(asHost)));
  if (state.ending) {
    for (const target of inState(state, 'Pending')) {
      skipRest(draft, target, now);
      draft.setTarget(target, 'Skipped');
    }
    if (inState(state, 'InProgress').length === 0) {
      const { status, code, message } = state.ending;
      endWith(draft, status, code, message);
    }
  }
  return draft.writes.length > before;
}

/** An end that comes from outside the fleet: a stop, a missing group, too much time. A stop goes before all others. */
function decideEnding(draft: Draft, now: number): void {
  const { state } = draft;
  const interrupt = outsideEnding(state);
  if (interrupt) draft.setDeployment({ ending: interrupt });
  if (now < (state.startedAt ?? now) + DEPLOYMENT_TIMEOUT_MS) return;
  const late = state.ending ?? ending('Failed', 'TIMEOUT', messages.TIMED_OUT, 'abort');
  if (state.ending?.mode !== 'abort') draft.setDeployment({ ending: { ...late, mode: 'abort' } });
}

function outsideEnding(state: Snapshot): Ending | undefined {
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

function ending(
  status: Ending['status'],
  code: ErrorCode,
  message: string,
  mode: Ending['mode'],
): Ending {
  return { status, code, message, mode };
}

function fleet(draft: Draft, decision: FleetDecision): void {
  const { state } = draft;
  if (decision.type === 'start') {
    for (const target of state.targets) {
      if (decision.names.includes(target.name)) draft.setTarget(target, 'InProgress');
    }
  } else if (decision.type === 'cancel') {
    const invalid = decision.code === 'HEALTH_CONSTRAINTS_INVALID';
    const message = invalid ? messages.CONSTRAINTS_INVALID : messages.CONSTRAINTS;
    const code = invalid ? decision.code : constraintsCode(state);
    draft.setDeployment({
      ending: ending('Failed', code, code === 'AGENT_ISSUE' ? messages.AGENT : message, 'drain'),
    });
  } else if (decision.succeeded) {
    endWith(draft, 'Succeeded');
  } else {
    const code = constraintsCode(state);
    endWith(draft, 'Failed', code, code === 'AGENT_ISSUE' ? messages.AGENT : messages.CONSTRAINTS);
  }
}

/** HEALTH_CONSTRAINTS, or AGENT_ISSUE when every failed host failed because its agent was silent (CD-MHH-09). */
function constraintsCode(state: Snapshot): 'HEALTH_CONSTRAINTS' | 'AGENT_ISSUE' {
  const failed = inState(state, 'Failed');
  const silent =
    failed.length > 0 && failed.every((t) => t.events.some((event) => event.agentSilent));
  return silent ? 'AGENT_ISSUE' : 'HEALTH_CONSTRAINTS';
}

function endWith(draft: Draft, status: 'Succeeded'): undefined;
function endWith(
  draft: Draft,
  status: 'Failed' | 'Stopped',
  code: ErrorCode,
  message: string,
): undefined;
function endWith(
  draft: Draft,
  status: 'Succeeded' | 'Failed' | 'Stopped',
  code?: ErrorCode,
  message = '',
): undefined {
  const { state } = draft;
  state.status = status;
  draft.writes.push({ type: 'end', status, ...(code && { error: { code, message } }) });
  const notice = ({ Succeeded: 'SUCCESS', Failed: 'FAILURE', Stopped: 'STOP' } as const)[status];
  draft.writes.push({ type: 'notify', subject: 'deployment', state: notice });
  if (status === 'Succeeded') return;
  const { deploymentId, creator, autoRollback, stop, hasLastSuccessful, shift } = state;
  // Nobody has gone on with it: that is as if somebody had stopped it.
  const byAlarm = status === 'Stopped' && code !== 'MANUAL_STOP' && code !== 'TIMEOUT';
  const decision = decideRollback(
    { deploymentId, status, creator, autoRollback, byAlarm, rollbackOnStop: stop?.rollback },
    // Traffic goes back to where it came from, whatever was deployed there.
    shift ? true : hasLastSuccessful,
  );
  if (decision.type === 'rollback' && shift && !shift.touched)
    return void draft.writes.push({
      type: 'noRollback',
      message: messages.nothingChanged(deploymentId),
    });
  if (decision.type === 'rollback') draft.writes.push({ type: 'rollback' });
  if (decision.type === 'impossible')
    draft.writes.push({ type: 'noRollback', message: decision.message });
}

function inState(state: Snapshot, status: TargetSnapshot['status']): TargetSnapshot[] {
  return state.targets.filter((target) => target.status === status);
}

function asHost({ name, health, revision, status }: TargetSnapshot): Host {
  return { name, health, revision, state: status === 'Skipped' ? 'Failed' : status };
}
