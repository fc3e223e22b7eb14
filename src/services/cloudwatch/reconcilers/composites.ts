import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { act, inState, transition } from '../alarms/transition.ts';
import type { Alarm, CompositeAlarm } from '../model/alarm.ts';
import type { Change } from '../model/change.ts';
import { inOrder, judgeComposite, type RuleVerdict } from '../model/composite.ts';
import { alarmName, childrenOf } from '../model/rule.ts';
import { type Suppressor, suppress } from '../model/suppression.ts';
import { changeAlarm, compositeAlarms, findAlarms, type StoredAlarm } from '../store/alarms.ts';
import { sweeps } from '../sweeps.ts';
import { COMPOSITES } from './names.ts';

/** Brings the composite alarms of an account and region to where the states of others say. */
export const composites = defineReconciler<Platform>({
  name: COMPOSITES,
  async reconcile(ctx, key) {
    const [accountId = '', region = ''] = key.split('/');
    const owner = { accountId, region };
    const stored = await compositeAlarms(ctx.db, owner);
    const revisions = new Map(stored.map(({ alarm, revision }) => [alarm.name, revision]));
    const names = new Set(stored.flatMap(({ alarm }) => childrenOf(alarm)));
    const alarms = new Map<string, Alarm>(stored.map(({ alarm }) => [alarm.name, alarm]));
    for (const { alarm } of await findAlarms(ctx.db, owner, [...names]))
      alarms.set(alarm.name, alarm);
    let again: Date | undefined;
    for (const alarm of inOrder(stored.map((one) => one.alarm))) {
      const revision = revisions.get(alarm.name) ?? '';
      const settled = await settle(ctx, { alarm, revision }, alarms);
      if (settled === 'changed') return 'now';
      alarms.set(alarm.name, settled.alarm);
      if (settled.again && (!again || settled.again < again)) again = settled.again;
    }
    return again;
  },
  sweep: sweeps[COMPOSITES],
});

type Settled = { alarm: CompositeAlarm; again?: Date } | 'changed';

async function settle(
  ctx: Platform,
  stored: StoredAlarm<CompositeAlarm>,
  alarms: ReadonlyMap<string, Alarm>,
): Promise<Settled> {
  const { alarm: old } = stored;
  const now = ctx.clock.now();
  const verdict = judgeComposite(old, alarms);
  const judged = verdict ? inState(old, stateOf(verdict, now)) : old;
  const suppressed = suppress(judged, suppressorOf(old, alarms), now, verdict && old.state);
  const { alarm, acts, again } = suppressed;
  if (!verdict && !acts && JSON.stringify(alarm) === JSON.stringify(old))
    return { alarm, ...(again && { again }) };
  // The state that the actions tell of as the one before is that in which they were last done.
  const before = old.pending
    ? { ...old.state, value: old.pending.from, reason: old.pending.fromReason }
    : old.state;
  const written = await ctx.transaction(async (tx) => {
    if (!verdict) {
      if (!(await changeAlarm(tx, { alarm, revision: stored.revision }))) return false;
      if (acts) await act(ctx, tx, { alarm, before });
      return true;
    }
    const change: Change = { alarm, before: old.state, children: verdict.children };
    return transition(ctx, tx, stored, change, acts);
  });
  return written ? { alarm, ...(again && { again }) } : 'changed';
}

const stateOf = ({ value, reason, reasonData }: RuleVerdict, at: Date) => ({
  ...{ value, reason, reasonData, at },
});

function suppressorOf(
  { suppressor }: CompositeAlarm,
  alarms: ReadonlyMap<string, Alarm>,
): Suppressor | undefined {
  const found = suppressor === undefined ? undefined : alarms.get(alarmName(suppressor));
  return (
    found && {
      arn: found.arn,
      value: found.state.value,
      transitionedAt: found.state.transitionedAt,
    }
  );
}
