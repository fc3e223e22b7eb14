import type {
  PutCompositeAlarmCommandInput,
  PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { authorizeOn, type Named, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { validation } from '../errors.ts';
import { checkAction } from '../model/action-arn.ts';
import type { Alarm } from '../model/alarm.ts';
import { QueryError } from '../model/queries.ts';
import { INITIAL_REASON } from '../model/reason.ts';
import { alarm as resource, TAG_RULES } from '../resources/alarm.ts';
import { findAlarm, putAlarm } from '../store/alarms.ts';
import { addHistory } from '../store/history.ts';
import { shownComposite, shownMetric } from './shown.ts';

/** Says of a wrong alarm what AWS says. */
export function checkedAlarm<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw error.refused ? unsupported(error.message) : validation(error.message);
  }
}

type PutInput = PutMetricAlarmCommandInput | PutCompositeAlarmCommandInput;

/** What both kinds of alarms have. @throws what AWS says of actions */
export function commonOf(input: PutInput, kind: Alarm['kind']) {
  if (input.ActionConfiguration) throw unsupported('the member ActionConfiguration of alarms');
  const { ActionsEnabled: actionsEnabled = true, AlarmDescription: description } = input;
  const actions = {
    okActions: input.OKActions ?? [],
    alarmActions: input.AlarmActions ?? [],
    insufficientDataActions: input.InsufficientDataActions ?? [],
  };
  checkedAlarm(() => {
    for (const action of Object.values(actions).flat()) checkAction(action, kind);
  });
  return { actionsEnabled, ...actions, ...(description !== undefined && { description }) };
}

/** Tags of a new alarm take the permission to tag. */
export async function checkTags(
  ctx: ServiceContext,
  located: Named,
  { Tags: tags = [] }: PutInput,
): Promise<void> {
  if (tags.length === 0) return;
  checkNewTags(tags, TAG_RULES);
  await authorizeOn(ctx, resource, located, 'cloudwatch:TagResource');
}

/** Makes an alarm, or gives one another configuration: its state and tags stay. */
export async function saveAlarm(
  ctx: ServiceContext,
  tx: Tx,
  located: Named,
  input: PutInput,
  make: (kept: Pick<Alarm, 'state' | 'tags'>) => { alarm: Alarm; everyMs: number },
): Promise<Alarm> {
  const now = ctx.clock.now();
  const before = await findAlarm(tx, located, located.name);
  const initial = {
    state: {
      value: 'INSUFFICIENT_DATA' as const,
      reason: INITIAL_REASON,
      ...{ updatedAt: now, transitionedAt: now },
    },
    tags: tagObject(tagsOf(input.Tags)),
  };
  const { alarm, everyMs } = make(before?.alarm ?? initial);
  if (before && before.alarm.kind !== alarm.kind)
    throw validation(`An alarm of another type is called ${alarm.name}.`);
  await putAlarm(tx, alarm, everyMs);
  const type = before ? 'Update' : 'Create';
  await noteConfiguration(tx, alarm, now, type);
  return alarm;
}

const PAST = { Create: 'created', Update: 'updated', Delete: 'deleted' };

/** Writes into the history that an alarm was made, changed or deleted. */
export async function noteConfiguration(
  tx: Tx,
  alarm: Alarm,
  now: Date,
  type: keyof typeof PAST,
): Promise<void> {
  const { name } = alarm;
  await addHistory(tx, alarm, {
    at: now.getTime(),
    alarmName: name,
    alarmType: alarm.kind,
    type: 'ConfigurationUpdate',
    summary: `Alarm "${name}" ${PAST[type]}`,
    data: JSON.stringify({
      version: '1.0',
      type,
      [`${PAST[type]}Alarm`]: told(alarm),
    }),
  });
}

/** As DescribeAlarms tells it, in the letters of history items. */
function told(alarm: Alarm): object {
  const shown = alarm.kind === 'MetricAlarm' ? shownMetric(alarm) : shownComposite(alarm);
  const members = Object.entries(shown).map(([member, value]) => [
    `${member.charAt(0).toLowerCase()}${member.slice(1)}`,
    value,
  ]);
  return Object.fromEntries(members);
}
