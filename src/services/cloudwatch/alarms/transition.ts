import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { isFunctionArn, scalingPolicyIn } from '../model/action-arn.ts';
import type { Alarm, AlarmState } from '../model/alarm.ts';
import {
  type Change,
  changeEvent,
  functionInput,
  historyData,
  messageOf,
  messageSubject,
  targetsOf,
} from '../model/change.ts';
import { mutedUntil } from '../model/mute.ts';
import { measuredBy } from '../model/scaling.ts';
import { ACTION, COMPOSITES, compositesKey } from '../reconcilers/names.ts';
import { addAction } from '../store/actions.ts';
import { changeAlarm, type StoredAlarm } from '../store/alarms.ts';
import { addHistory } from '../store/history.ts';
import { listMuteRules } from '../store/mute-rules.ts';
import type { Owner } from '../store/tables.ts';

/** The state that an alarm comes to. */
export interface NextState extends Pick<AlarmState, 'value' | 'reason' | 'reasonData'> {
  at: Date;
}

/** The alarm in that state. */
export function inState<A extends Alarm>(alarm: A, { at, ...next }: NextState): A {
  const same = next.value === alarm.state.value;
  const transitionedAt = same ? alarm.state.transitionedAt : at;
  return { ...alarm, state: { ...next, updatedAt: at, transitionedAt } };
}

/**
 * Writes an alarm that has come to another state, and all that follows from it: history, event, actions, and the
 * composite alarms that look at it. @returns false where somebody else has changed the alarm since it was read
 */
export async function transition(
  ctx: Pick<Platform, 'engine' | 'events'>,
  tx: Tx,
  { alarm: old, revision }: StoredAlarm,
  change: Change,
  acts = true,
): Promise<boolean> {
  const { alarm } = change;
  if (!(await changeAlarm(tx, { alarm, revision }))) return false;
  if (alarm.state.value === old.state.value) return true;
  await addHistory(tx, alarm, {
    at: alarm.state.updatedAt.getTime(),
    alarmName: alarm.name,
    alarmType: alarm.kind,
    type: 'StateUpdate',
    summary: `Alarm updated from ${old.state.value} to ${alarm.state.value}`,
    data: historyData(change),
  });
  await ctx.events.publish(tx, changeEvent(change));
  if (acts) await act(ctx, tx, change);
  await ctx.engine.wake(tx, COMPOSITES, compositesKey(alarm));
  return true;
}

/** Has the actions done that a change asks for. */
export async function act(ctx: Pick<Platform, 'engine'>, tx: Tx, change: Change): Promise<void> {
  const { alarm } = change;
  const targets = targetsOf(change);
  if (targets.length === 0) return;
  const now = alarm.state.updatedAt.getTime();
  const muted = await muteEnd(tx, alarm, alarm.name, now);
  for (const target of targets) {
    const id = randomUUID();
    await addAction(tx, {
      ...{ id, target, createdAt: alarm.state.updatedAt.getTime() },
      ...{ accountId: alarm.accountId, region: alarm.region },
      ...{ alarmName: alarm.name, alarmType: alarm.kind, alarmArn: alarm.arn },
      subject: messageSubject(change),
      message: messageTo(target, change),
      ...(muted !== undefined && { muted: true }),
      state: alarm.state.value,
    });
    // What is muted is looked at again when it is not any more.
    await ctx.engine.wake(tx, ACTION, id, muted === undefined ? undefined : new Date(muted));
  }
}

function messageTo(target: string, change: Change): string {
  const { alarm } = change;
  if (isFunctionArn(target)) return functionInput(change);
  if (alarm.kind === 'MetricAlarm' && scalingPolicyIn(target))
    return JSON.stringify(measuredBy(alarm));
  return messageOf(change);
}

/** Until when an alarm is muted, epoch milliseconds; undefined where it is not. */
export async function muteEnd(
  db: Db | Tx,
  owner: Owner,
  alarmName: string,
  now: number,
): Promise<number | undefined> {
  let end: number | undefined;
  for (const rule of await listMuteRules(db, owner)) {
    const until = rule.alarms.includes(alarmName) ? mutedUntil(rule, now) : undefined;
    if (until !== undefined && (end === undefined || until > end)) end = until;
  }
  return end;
}
