import { describe, expect, it } from 'vitest';
import { advance, decisions } from '../advance.ts';
import type { Snapshot } from '../deployment-state.ts';
import { START, snapshot, written } from '../testing.ts';
import { backShift } from './back.ts';
import type { Plan, ShiftState } from './shift-state.ts';
import { ECS_PLAN, LAMBDA_PLAN, shift } from './testing.ts';

const REFUSED = { code: 'ECS_UPDATE_ERROR', message: 'no' } as const;
const PLANS: Plan[] = [{ ...ECS_PLAN, testListener: 'test' }, LAMBDA_PLAN];
const [ECS_PLANNED, LAMBDA_PLANNED] = PLANS as [Plan, Plan];

/** A deployment that may be taken back, with its plan made. */
const deployment = (of: ShiftState, more: Partial<Snapshot> = {}): Snapshot =>
  snapshot(0, {
    autoRollback: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST'] },
    ...more,
    shift: of,
  });
const planned = (plan: Plan) => shift({ platform: plan.platform, plan });
const callOf = ({ shift: of }: Snapshot) => {
  const { type, ...more } = of?.work?.call ?? { type: 'none' };
  return [type, ...Object.values(more)].join(' ');
};
const looked = (state: Snapshot) => written(state, advance(state, START).writes);

/** All calls up to the one that `until` names are answered. @returns where it waits then, and what was called before */
function drive(begin: Snapshot, until?: string) {
  const calls: string[] = [];
  let state = looked(begin);
  while (state.shift?.work && callOf(state) !== until) {
    calls.push(callOf(state));
    const draft = decisions.draft(state, START);
    draft.answerOutside(state.shift.work.id);
    state = looked(written(state, draft.finish().writes));
  }
  return { state, calls };
}
/** What follows when the call that runs is refused. */
function refuse(state: Snapshot) {
  const draft = decisions.draft(state, START);
  draft.failOutside(REFUSED, state.shift?.work?.id);
  const { writes } = advance(written(state, draft.finish().writes), START);
  return writes.flatMap((write) => {
    if (write.type === 'end') return [`${write.status} ${write.error?.code}`];
    return write.type === 'rollback' || write.type === 'noRollback' ? [write.type] : [];
  });
}

describe('calls of a deployment to ECS', () => {
  it('listeners lead to the first task set, and that is known, before one is made or removed', () => {
    const { state, calls } = drive(deployment(planned(ECS_PLANNED)));
    expect(calls.slice(0, 3)).toEqual(['route 0', 'testRoute 0', 'install']);
    expect([calls.at(-1), state.status]).toEqual(['remove blue', 'Succeeded']);
  });

  it('a rollback shifts nothing back before the first task set is seen to be well', () => {
    const back = deployment(backShift(planned(ECS_PLANNED)), { creator: 'codeDeployRollback' });
    expect(drive(back).calls).toEqual([
      ...['steady blue', 'route 0', 'testRoute 0', 'promote blue', 'remove green'],
    ]);
    expect(refuse(drive(back, 'steady blue').state)).toEqual(['Failed ECS_UPDATE_ERROR']);
  });

  it.each([
    ['route 100', 'rollback'],
    ['promote green', 'rollback'],
    // It may be gone, though nobody could say so.
    ['remove blue', 'noRollback'],
  ])('a failure of %s: %s', (call, expected) => {
    const { state } = drive(deployment(planned(ECS_PLANNED)), call);
    expect(refuse(state)).toEqual(['Failed ECS_UPDATE_ERROR', expected]);
  });
});

it('the group is deleted in the middle: that nothing is taken back is said', () => {
  const { state } = drive(deployment(planned(LAMBDA_PLANNED)), 'route 100');
  const gone = { ...state, groupExists: false, autoRollback: undefined };
  expect(refuse(gone)).toEqual(['Failed DEPLOYMENT_GROUP_MISSING', 'noRollback']);
});

it.each([
  [{ rollback: true }, undefined, 'rollback'],
  [{ rollback: false }, ['DEPLOYMENT_FAILURE' as const], undefined],
  [undefined, ['DEPLOYMENT_FAILURE' as const], 'rollback'],
])(
  'a call fails after StopDeployment with %j: that says whether it is taken back',
  (stop, events, expected) => {
    const autoRollback = events && { enabled: true, events };
    const { state } = drive(deployment(planned(LAMBDA_PLANNED), { autoRollback }), 'route 100');
    const end = stop ? 'Stopped MANUAL_STOP' : 'Failed ECS_UPDATE_ERROR';
    expect(refuse({ ...state, ...(stop && { stop }) })).toEqual([
      end,
      ...(expected ? [expected] : []),
    ]);
  },
);
