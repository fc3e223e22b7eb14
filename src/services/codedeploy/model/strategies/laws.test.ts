import fc from 'fast-check';
import { machineLaws } from '../../../../engine/machine-laws.ts';
import { advance, decisions } from '../advance.ts';
import { isTerminal, type Snapshot } from '../deployment-state.ts';
import { START, snapshot, written } from '../testing.ts';
import { backShift } from './back.ts';
import { tellHook } from './drive.ts';
import { executionIdOf, HOOK_TIMEOUT_MS, type Plan, type ShiftState } from './shift-state.ts';
import { currentStep } from './steps.ts';
import { ECS_PLAN, LAMBDA_PLAN, shift } from './testing.ts';

const plans = fc.constantFrom<Plan>(
  LAMBDA_PLAN,
  { ...LAMBDA_PLAN, hooks: { BeforeAllowTraffic: 'before', AfterAllowTraffic: 'after' } },
  ECS_PLAN,
  { ...ECS_PLAN, testListener: 'test', hooks: { BeforeInstall: 'a', AfterAllowTestTraffic: 'b' } },
);

const deployments = fc
  .record({
    plan: plans,
    resolved: fc.boolean(),
    back: fc.boolean(),
    percent: fc.constantFrom(10, 50, 100),
    role: fc.constantFrom(undefined, 'asked' as const, 'ok' as const, 'denied' as const),
    watchesAlarms: fc.boolean(),
  })
  .map(({ plan, resolved, back, percent, role, watchesAlarms }) => {
    // Intervals of no time: only calls and hooks are waited for.
    const routing = {
      type: 'TimeBasedLinear' as const,
      timeBasedLinear: { linearPercentage: percent, linearInterval: 0 },
    };
    const begun: ShiftState = shift({
      routing,
      platform: plan.platform,
      ...(resolved && { plan }),
    });
    const state = snapshot(0, {
      ...{ role, watchesAlarms, shift: back ? backShift({ ...begun, plan }) : begun },
      autoRollback: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'] },
    });
    return { state, plan };
  });

const moves = fc.array(
  fc.record({
    what: fc.constantFrom(
      'answer',
      'answer',
      'answer',
      'fail',
      'tell',
      'no',
      'stop',
      'late',
      'alarm',
    ),
    seen: fc.boolean(),
  }),
  { maxLength: 40 },
);

const planOf = new Map<string, Plan>();

const moments = fc.tuple(deployments, moves).map(([{ state: begin, plan }, story]) => {
  let now = START;
  let state: Snapshot = {
    ...begin,
    deploymentId: `d-${plan.platform}${Object.keys(plan.hooks).length}`,
  };
  planOf.set(state.deploymentId, plan);
  if (story.length > 0) state = written(state, advance(state, now).writes);
  for (const { what, seen } of story) {
    if (isTerminal(state.status)) break;
    const draft = decisions.draft(state, now);
    const { work } = draft.state.shift ?? {};
    if (what === 'stop') state.stop = {};
    else if (what === 'alarm' && state.alarms === 'quiet')
      state.alarms = { code: 'ALARM_ACTIVE', message: 'loud' };
    else if (what === 'late') now += HOOK_TIMEOUT_MS;
    else if (what === 'answer' && work) draft.answerOutside(work.id, factsOf(work.call.type, plan));
    else if (what === 'fail' && work)
      draft.failOutside({ code: 'ECS_UPDATE_ERROR', message: 'no' }, work.id);
    else if (what === 'tell' || what === 'no') {
      const { at = 0 } = draft.state.shift ?? {};
      const id = executionIdOf(draft.state.shift as ShiftState, at);
      tellHook(draft, id, what === 'tell' ? 'Succeeded' : 'Failed');
    }
    if (what !== 'stop' && what !== 'alarm') state = written(state, draft.finish().writes);
    if (seen) state = written(state, advance(state, now).writes);
  }
  return { snapshot: state, now };
});

const factsOf = (type: string, plan: Plan): Partial<ShiftState> =>
  type === 'resolve' ? { plan } : {};

machineLaws('a deployment that shifts traffic', {
  ...decisions,
  moments,
  written,
  open(state) {
    if (isTerminal(state.status)) return [];
    const toldBy = state.deploymentId;
    const { shift: of } = state;
    const step = of && currentStep(of);
    const hook = step?.type === 'hook' && of?.begun !== undefined && !of.told && !of.trouble;
    return [
      ...(state.role === 'asked' ? [{ id: 'role', toldBy }] : []),
      ...(state.alarms === 'asked' ? [{ id: 'alarms', toldBy }] : []),
      ...(hook
        ? [{ id: `hook ${of.at}`, toldBy: of.work ? state.groupId : toldBy }]
        : of?.work
          ? [{ id: of.work.id, toldBy: state.groupId }]
          : []),
    ];
  },
  done(draft, id) {
    if (id === 'role') draft.answerRole('ok');
    else if (id === 'alarms') draft.answerAlarms('quiet');
    else if (id.startsWith('hook ')) {
      const at = Number(id.slice(5));
      tellHook(draft, executionIdOf(draft.state.shift as ShiftState, at), 'Succeeded');
    } else {
      const { work } = draft.state.shift ?? {};
      const plan = planOf.get(draft.state.deploymentId) ?? LAMBDA_PLAN;
      draft.answerOutside(id, factsOf(work?.call.type ?? '', plan));
    }
  },
  ended: ({ status }) => isTerminal(status),
});
