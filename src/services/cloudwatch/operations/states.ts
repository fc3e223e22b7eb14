import { at, atEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { noteConfiguration } from '../alarms/put.ts';
import { inState, transition } from '../alarms/transition.ts';
import { alarmNotFound, concurrent, invalidStateData } from '../errors.ts';
import { alarm } from '../resources/alarm.ts';
import { changeAlarm, findAlarm, findAlarms } from '../store/alarms.ts';
import { cloudwatch } from './declare.ts';

/** The next evaluation says again what state the alarm is in. */
export const setAlarmState = cloudwatch(
  'setAlarmState',
  at(alarm, ({ AlarmName }) => AlarmName),
  async (ctx, input, { name }) => {
    const {
      StateValue: value = 'OK',
      StateReason: reason = '',
      StateReasonData: reasonData,
    } = input;
    if (reasonData !== undefined) checkJson(reasonData);
    await ctx.transaction(async (tx) => {
      const stored = await findAlarm(tx, ctx, name);
      if (!stored) throw alarmNotFound(name);
      const next = {
        value,
        reason,
        ...(reasonData !== undefined && { reasonData }),
        at: ctx.clock.now(),
      };
      const changed = inState(stored.alarm, next);
      if (!(await transition(ctx, tx, stored, { alarm: changed, before: stored.alarm.state })))
        throw concurrent();
    });
    return {};
  },
);

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw invalidStateData();
  }
}

const onEach = atEach(
  alarm,
  ({ AlarmNames = [] }: { AlarmNames?: string[] | undefined }) => AlarmNames,
);

export const enableAlarmActions = cloudwatch('enableAlarmActions', onEach, (ctx, input) =>
  switchActions(ctx, input.AlarmNames ?? [], true),
);

export const disableAlarmActions = cloudwatch('disableAlarmActions', onEach, (ctx, input) =>
  switchActions(ctx, input.AlarmNames ?? [], false),
);

/** Names that there are not are passed over, as AWS does. */
async function switchActions(ctx: ServiceContext, names: string[], actionsEnabled: boolean) {
  await ctx.transaction(async (tx) => {
    for (const { alarm: old, revision } of await findAlarms(tx, ctx, names)) {
      if (old.actionsEnabled === actionsEnabled) continue;
      const changed = { ...old, actionsEnabled, configuredAt: ctx.clock.now() };
      await changeAlarm(tx, { alarm: changed, revision });
      await noteConfiguration(tx, changed, ctx.clock.now(), 'Update');
    }
  });
  return {};
}
