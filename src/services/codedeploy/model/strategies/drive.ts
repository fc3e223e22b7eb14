import type { DeploymentWaitType, ErrorCode } from '@aws-sdk/client-codedeploy';
import { skipRest } from '../advance-target.ts';
import type { Draft, Ending, TargetSnapshot } from '../deployment-state.ts';
import { withoutScript } from '../diagnostics.ts';
import * as messages from '../messages.ts';
import { ECS_EVENTS } from './ecs.ts';
import { LAMBDA_EVENTS } from './lambda.ts';
import {
  type Call,
  executionIdOf,
  onlyLooks,
  type Plan,
  type ShiftState,
  type ShiftStep,
  type Trouble,
  touches,
} from './shift-state.ts';
import { currentStep, isPastReturn, shiftDeadline, targetIdOf } from './steps.ts';

// Deployments that shift traffic from one version to another: Lambda and ECS have steps of their own, and this in common.

/** What one look comes to: there is more to see at once, nothing before something happens, or an end. */
export type Drive = 'again' | 'waits' | { status: 'Succeeded' } | ShiftEnd;
export interface ShiftEnd {
  status: 'Failed' | 'Stopped';
  code: ErrorCode;
  message: string;
}

const shiftOf = ({ state }: Draft): ShiftState => {
  if (!state.shift) throw new Error(`Deployment ${state.deploymentId} shifts no traffic.`);
  return state.shift;
};

/** The one target, with nothing done to it. */
export function shiftTarget(plan: Plan, back = false): TargetSnapshot {
  const all = plan.platform === 'Lambda' || back ? LAMBDA_EVENTS : ECS_EVENTS;
  return {
    ...{ name: targetIdOf(plan), status: 'Pending', health: 'Healthy', revision: 'Unknown' },
    events: all.map((name) => ({ name, status: 'Pending' })),
  };
}

/** Before the start: asks what the AppSpec says and what there is for it. */
export function prepareShift(draft: Draft, now: number): 'ready' | 'waits' | Trouble {
  expire(draft, now);
  const { plan, trouble, work } = shiftOf(draft);
  if (trouble) return trouble;
  if (plan) return 'ready';
  if (!work) {
    draft.setShift({ begun: now });
    draft.askOutside({ type: 'resolve' });
  }
  return 'waits';
}

/** The next thing on the way of a deployment under way. @param outside an end that comes from outside of it */
export function driveShift(draft: Draft, now: number, outside: Ending | undefined): Drive {
  expire(draft, now);
  const { trouble, work } = shiftOf(draft);
  const step = currentStep(shiftOf(draft));
  if (!step) {
    for (const target of draft.state.targets) draft.setTarget(target, 'Succeeded');
    return { status: 'Succeeded' };
  }
  // Who wants it to end decides how it ends, and whether it is taken back, also where something fails meanwhile.
  const fail = (end: ShiftEnd): ShiftEnd => (isPastReturn(shiftOf(draft)) ? end : (outside ?? end));
  if (trouble) return end(draft, now, fail({ status: 'Failed', ...trouble }));
  if (isDone(draft, step, now)) return goOn(draft, step, now, fail);
  // What may have been done outside is waited for: whatever takes it back comes after it.
  if (outside && (!work || onlyLooks(work.call) || work.call.type === 'invoke'))
    return end(draft, now, outside);
  return shiftOf(draft).begun === undefined ? begin(draft, step, now) : 'waits';
}

/** Traffic does not wait for ever: neither for a call, nor for a hook, nor for somebody to go on. */
function expire(draft: Draft, now: number): void {
  const shift = shiftOf(draft);
  const deadline = shiftDeadline(shift);
  if (deadline === undefined || now < deadline || shift.trouble || shift.told) return;
  const step = currentStep(shift);
  if (step?.type !== 'hold') draft.failOutside(lateness(shift, step));
}

function lateness({ work }: ShiftState, step: ShiftStep | undefined): Trouble {
  if (step?.type === 'hook')
    return { code: 'HOOK_EXECUTION_FAILURE', message: messages.hookLate(step.event ?? '') };
  const call = work?.call.type ?? '';
  const message = call === 'steady' ? messages.TASK_SET_LATE : messages.callLate(call);
  return { code: 'TIMEOUT', message };
}

function isDone(draft: Draft, step: ShiftStep, now: number): boolean {
  const { begun, done, told, skipped } = shiftOf(draft);
  if (begun === undefined) return false;
  if (step.type === 'none') return true;
  if (step.type === 'call') return done === true;
  if (step.type === 'hook') return told !== undefined;
  return skipped === true || now >= begun + step.ms;
}

function begin(draft: Draft, step: ShiftStep, now: number): Drive {
  draft.setShift({ begun: now });
  const shift = shiftOf(draft);
  for (const target of draft.state.targets) {
    if (target.status === 'Pending') draft.setTarget(target, 'InProgress');
    const place = target.events.findIndex(({ name }) => name === step.event);
    if (target.events[place]?.status === 'Pending')
      draft.setEvent(target, place, { status: 'InProgress', startedAt: now });
  }
  if (step.type === 'call') ask(draft, step.call);
  if (step.type === 'hook') {
    const executionId = executionIdOf(shift, shift.at);
    ask(draft, { type: 'invoke', functionName: step.functionName, executionId });
  }
  if (step.type === 'hold') draft.lookAgain();
  if (step.type === 'hold' && step.why === 'ready') {
    draft.setDeployment({ status: 'Ready' });
    draft.writes.push({ type: 'notify', subject: 'deployment', state: 'READY' });
  }
  return 'again';
}

function ask(draft: Draft, call: Call): void {
  if (touches(call) && !shiftOf(draft).touched) draft.setShift({ touched: true });
  draft.askOutside(call);
}

function goOn(
  draft: Draft,
  step: ShiftStep,
  now: number,
  fail: (end: ShiftEnd) => ShiftEnd,
): Drive {
  const { at, told, skipped } = shiftOf(draft);
  if (told === 'Failed') {
    const message = messages.hookFailed(step.event ?? '');
    return end(draft, now, fail({ status: 'Failed', code: 'HOOK_EXECUTION_FAILURE', message }));
  }
  if (step.type === 'hold' && step.why === 'ready') {
    if (!skipped)
      return end(
        draft,
        now,
        fail({ status: 'Stopped', code: 'TIMEOUT', message: messages.NOT_CONTINUED }),
      );
    draft.setDeployment({ status: 'InProgress' });
  }
  const fresh = { begun: undefined, done: undefined, told: undefined, skipped: undefined };
  draft.setShift({ ...fresh, at: at + 1, work: undefined });
  const next = currentStep(shiftOf(draft));
  if (step.event !== undefined && next?.event !== step.event)
    for (const target of draft.state.targets) {
      const place = target.events.findIndex(({ name }) => name === step.event);
      if (place >= 0)
        draft.setEvent(target, place, {
          status: 'Succeeded',
          endedAt: now,
          diagnostics: withoutScript('Success', 'Succeeded'),
        });
    }
  return 'again';
}

function end(draft: Draft, now: number, { status, code, message }: ShiftEnd): ShiftEnd {
  if (shiftOf(draft).work) draft.setShift({ work: undefined });
  for (const target of draft.state.targets) {
    failEvent(draft, target, now, { code, message });
    skipRest(draft, target, now);
    draft.setTarget(target, 'Failed');
  }
  return { status, code, message };
}

function failEvent(
  draft: Draft,
  target: TargetSnapshot,
  now: number,
  { code, message }: Trouble,
): void {
  const place = target.events.findIndex((event) => event.status === 'InProgress');
  if (place < 0) return;
  const errorCode = code === 'HOOK_EXECUTION_FAILURE' ? 'ScriptFailed' : 'UnknownError';
  const diagnostics = withoutScript(errorCode, message);
  draft.setEvent(target, place, { status: 'Failed', endedAt: now, diagnostics });
}

type HookAnswer = 'taken' | 'unknown' | 'completed';

/** What a hook says of its execution: the first word counts (CD-DP-14). */
export function tellHook(
  draft: Draft,
  executionId: string,
  status: 'Succeeded' | 'Failed',
): HookAnswer {
  const { shift, status: deployment } = draft.state;
  if (!shift) return 'unknown';
  const step = currentStep(shift);
  const open = deployment === 'InProgress' && step?.type === 'hook' && shift.begun !== undefined;
  if (open && executionIdOf(shift, shift.at) === executionId) {
    if (shift.told || shift.trouble) return 'completed';
    draft.setShift({ told: status });
    return 'taken';
  }
  for (let at = 0; at <= shift.at; at++)
    if (executionIdOf(shift, at) === executionId) return 'completed';
  return 'unknown';
}

/** Ends a wait before its time. @returns false where the deployment does not wait so */
export function continueShift(draft: Draft, wait: DeploymentWaitType): boolean {
  const { shift } = draft.state;
  const step = shift && currentStep(shift);
  const why = wait === 'TERMINATION_WAIT' ? 'termination' : 'ready';
  if (step?.type !== 'hold' || step.why !== why || shift?.begun === undefined) return false;
  if (!shift.skipped) draft.setShift({ skipped: true });
  return true;
}
