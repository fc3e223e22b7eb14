import { ecsSteps, ecsStepsBack } from './ecs.ts';
import { lambdaSteps, lambdaStepsBack } from './lambda.ts';
import {
  CALL_TIMEOUT_MS,
  HOOK_TIMEOUT_MS,
  type Plan,
  type ShiftState,
  type ShiftStep,
} from './shift-state.ts';

/** All steps of a deployment whose plan is made, in their order. */
function stepsOf(shift: ShiftState): ShiftStep[] {
  const { plan, back } = shift;
  if (!plan) return [];
  if (plan.platform === 'Lambda') return back ? lambdaStepsBack() : lambdaSteps(shift, plan);
  return back ? ecsStepsBack(plan) : ecsSteps(shift, plan);
}

/** The step that a deployment has come to; undefined behind the last one. */
export const currentStep = (shift: ShiftState): ShiftStep | undefined => stepsOf(shift)[shift.at];

/** A function's target is called like it, a service's like its cluster and itself (CD-DP-10). */
export const targetIdOf = (plan: Plan): string =>
  plan.platform === 'Lambda' ? plan.functionName : `${plan.cluster}:${plan.service}`;

/** When the current step is over, or too late, in epoch milliseconds. */
export function shiftDeadline(shift: ShiftState): number | undefined {
  const { begun, work, skipped } = shift;
  if (begun === undefined) return undefined;
  const step = currentStep(shift);
  if (step?.type === 'hold') return skipped ? undefined : begun + step.ms;
  if (step?.type === 'hook') return begun + HOOK_TIMEOUT_MS;
  return work && begun + CALL_TIMEOUT_MS;
}

/** The original task set is being removed, and may be gone: from there on there is nothing to go back to. */
export function isPastReturn(shift: ShiftState): boolean {
  const step = currentStep(shift);
  if (step?.type !== 'call' || shift.begun === undefined) return false;
  return step.call.type === 'remove' && step.call.side === 'blue';
}

/** Does it wait, with traffic shifted, to remove the original task set, or is that done? */
export function terminationBegun(shift: ShiftState): boolean {
  const place = stepsOf(shift).findIndex((s) => s.type === 'hold' && s.why === 'termination');
  return place >= 0 && (shift.at > place || (shift.at === place && shift.begun !== undefined));
}
