import type { TrafficRoutingConfig } from '@aws-sdk/client-codedeploy';
import { shiftsOf } from '../traffic.ts';
import type { Hooks, LambdaPlan, ShiftState, ShiftStep } from './shift-state.ts';

/** CD-LCL-01 */
export const LAMBDA_EVENTS = ['BeforeAllowTraffic', 'AllowTraffic', 'AfterAllowTraffic'];
export const LAMBDA_HOOKS = ['BeforeAllowTraffic', 'AfterAllowTraffic'];

/** Traffic of an alias goes from one version to the other. */
export function lambdaSteps({ routing }: ShiftState, { hooks }: LambdaPlan): ShiftStep[] {
  return [
    ...hookSteps(hooks, 'BeforeAllowTraffic'),
    ...trafficSteps(routing),
    ...hookSteps(hooks, 'AfterAllowTraffic'),
  ];
}

/** All of it goes to the version before again. */
export const lambdaStepsBack = (): ShiftStep[] => [
  ...hookSteps({}, 'BeforeAllowTraffic'),
  { event: 'AllowTraffic', type: 'call', call: { type: 'route', percent: 0 } },
  ...hookSteps({}, 'AfterAllowTraffic'),
];

/** An event without a function is over at once. */
export function hookSteps(hooks: Hooks, event: string): ShiftStep[] {
  const functionName = Object.hasOwn(hooks, event) ? hooks[event] : undefined;
  return [
    functionName === undefined ? { event, type: 'none' } : { event, type: 'hook', functionName },
  ];
}

/** The shifts of AllowTraffic, and what lies between. */
export function trafficSteps(routing: TrafficRoutingConfig): ShiftStep[] {
  const event = 'AllowTraffic';
  return shiftsOf(routing).flatMap(({ percent, holdMs: ms }): ShiftStep[] => [
    { event, type: 'call', call: { type: 'route', percent } },
    ...(ms > 0 ? [{ event, type: 'hold' as const, ms, why: 'shift' as const }] : []),
  ]);
}
