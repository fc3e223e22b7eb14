import type { ErrorCode } from '@aws-sdk/client-codedeploy';
import type { Draft, Ending, Snapshot, TargetSnapshot } from './deployment-state.ts';
import * as messages from './messages.ts';
import { decideRollback } from './rollback.ts';
import { isPastReturn } from './strategies/steps.ts';

export function ending(
  status: Ending['status'],
  code: ErrorCode,
  message: string,
  mode: Ending['mode'],
): Ending {
  return { status, code, message, mode };
}

/** Too few hosts stay healthy, or could at all: hosts in progress go on, then the deployment has failed. */
export function failByHosts(
  draft: Draft,
  why: 'HEALTH_CONSTRAINTS' | 'HEALTH_CONSTRAINTS_INVALID' = 'HEALTH_CONSTRAINTS',
): void {
  const { code, message } =
    why === 'HEALTH_CONSTRAINTS'
      ? constraintsTrouble(draft.state)
      : { code: why, message: messages.CONSTRAINTS_INVALID };
  draft.setDeployment({ ending: ending('Failed', code, message, 'drain') });
}

/** Why hosts have failed a deployment: all of them because no agent took the command, or not. */
export function constraintsTrouble(state: Snapshot): { code: ErrorCode; message: string } {
  const failed = state.targets.filter((target) => target.status === 'Failed');
  const silent = failed.filter((target) => target.events.some((event) => event.agentSilent));
  return failed.length > 0 && silent.length === failed.length
    ? { code: 'AGENT_ISSUE', message: messages.AGENT }
    : { code: 'HEALTH_CONSTRAINTS', message: messages.CONSTRAINTS };
}

export function endWith(draft: Draft, status: 'Succeeded'): undefined;
export function endWith(
  draft: Draft,
  status: 'Failed' | 'Stopped',
  code: ErrorCode,
  message: string,
): undefined;
export function endWith(
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
  const { deploymentId, creator, autoRollback, stop } = state;
  // What its way back would be a deployment of is no more: that is said at least, whatever the group had configured.
  if (!(state.groupExists && state.applicationExists)) {
    if (creator !== 'codeDeployRollback' && hasChanged(state))
      draft.writes.push({ type: 'noRollback', message: messages.groupGone(deploymentId) });
    return;
  }
  // Nobody has gone on with it: that is as if somebody had stopped it.
  const byAlarm = status === 'Stopped' && code !== 'MANUAL_STOP' && code !== 'TIMEOUT';
  const decision = decideRollback(
    { deploymentId, status, creator, autoRollback, byAlarm, rollbackOnStop: stop?.rollback },
    ...wayBack(state),
  );
  if (decision.type === 'rollback') draft.writes.push({ type: 'rollback' });
  if (decision.type === 'impossible')
    draft.writes.push({ type: 'noRollback', message: decision.message });
}

/** Is there something to go back to, and what is said if not? Traffic that was shifted needs no earlier revision. */
function wayBack(state: Snapshot): [possible: boolean, why?: string] {
  const { deploymentId, blueGreen, shift, targets, hasLastSuccessful } = state;
  if (shift && isPastReturn(shift)) return [false, messages.originalGone(deploymentId)];
  if (shift) return [shift.touched, messages.nothingChanged(deploymentId)];
  const { termination } = blueGreen?.reroute ?? {};
  if (typeof termination === 'object' && termination.some)
    return [false, messages.originalGone(deploymentId)];
  if (blueGreen) return [hasShifted(targets), messages.notRerouted(deploymentId)];
  return [hasLastSuccessful];
}

function hasChanged({ shift, blueGreen, targets }: Snapshot): boolean {
  if (shift) return shift.touched;
  return blueGreen ? hasShifted(targets) : targets.some(({ events }) => events.some(wasOffered));
}

export function hasShifted(targets: readonly TargetSnapshot[]): boolean {
  const { blue, green } = shifted(targets);
  return blue.length + green.length > 0;
}

/** Instances of a blue/green deployment whose traffic it has begun to change. */
export function shifted(targets: readonly TargetSnapshot[]): { blue: string[]; green: string[] } {
  const touched = (label: TargetSnapshot['label'], first: string) =>
    targets
      .filter((target) => target.label === label)
      .filter(({ events }) => events.some((event) => event.name === first && wasOffered(event)))
      .map(({ name }) => name);
  return {
    blue: touched('Blue', 'BeforeBlockTraffic'),
    green: touched('Green', 'BeforeAllowTraffic'),
  };
}

const wasOffered = (event: TargetSnapshot['events'][number]) =>
  event.offeredAt !== undefined || event.startedAt !== undefined;
