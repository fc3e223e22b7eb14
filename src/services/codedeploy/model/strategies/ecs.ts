import { hookSteps, trafficSteps } from './lambda.ts';
import type { Call, EcsPlan, ShiftState, ShiftStep } from './shift-state.ts';

/** CD-LCE-01 */
export const ECS_EVENTS = [
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'AllowTestTraffic',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
];
export const ECS_HOOKS = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
];

const called = (event: string | undefined, call: Call): ShiftStep => ({
  ...(event !== undefined && { event }),
  ...{ type: 'call', call },
});

/** A second task set beside the first, to which listeners lead more and more; the first goes at last (CD-LCE-02 to 04). */
export function ecsSteps({ routing, ...state }: ShiftState, plan: EcsPlan): ShiftStep[] {
  const { hooks, testListener } = plan;
  const { readyMs, terminationMs } = state;
  return [
    ...hookSteps(hooks, 'BeforeInstall'),
    ...allToBlue('Install', plan),
    ...[
      called('Install', { type: 'install' }),
      called('Install', { type: 'steady', side: 'green' }),
    ],
    ...hookSteps(hooks, 'AfterInstall'),
    ...(testListener === undefined
      ? hookSteps({}, 'AllowTestTraffic')
      : [called('AllowTestTraffic', { type: 'testRoute', percent: 100 })]),
    ...hookSteps(hooks, 'AfterAllowTestTraffic'),
    ...(readyMs === undefined
      ? []
      : [{ type: 'hold' as const, ms: readyMs, why: 'ready' as const }]),
    ...hookSteps(hooks, 'BeforeAllowTraffic'),
    ...trafficSteps(routing),
    called('AllowTraffic', { type: 'promote', side: 'green' }),
    ...hookSteps(hooks, 'AfterAllowTraffic'),
    { type: 'hold', ms: terminationMs, why: 'termination' },
    called(undefined, { type: 'remove', side: 'blue' }),
  ];
}

/**
 * Listeners lead to the first task set and to nothing else: a deployment that was stopped half-way may have left them at a task
 * set that a new one replaces, or that goes.
 */
const allToBlue = (event: string, { testListener }: EcsPlan): ShiftStep[] => [
  called(event, { type: 'route', percent: 0 }),
  ...(testListener === undefined ? [] : [called(event, { type: 'testRoute', percent: 0 })]),
];

/** Listeners lead to the first task set again, once that is seen to be there and well, and the second goes (CD-LCE-05). */
export function ecsStepsBack(plan: EcsPlan): ShiftStep[] {
  const event = 'AllowTraffic';
  return [
    ...hookSteps({}, 'BeforeAllowTraffic'),
    called(event, { type: 'steady', side: 'blue' }),
    ...allToBlue(event, plan),
    called(event, { type: 'promote', side: 'blue' }),
    ...hookSteps({}, 'AfterAllowTraffic'),
    called(undefined, { type: 'remove', side: 'green' }),
  ];
}
