import type { DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch';
import { page } from '../../../kit/pages.ts';
import { at, atEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkedAlarm, checkTags, commonOf, noteConfiguration, saveAlarm } from '../alarms/put.ts';
import { shownComposite, shownMetric } from '../alarms/shown.ts';
import { invalidToken, validation } from '../errors.ts';
import { ALARMS_PAGE } from '../limits.ts';
import type { Alarm, MetricAlarm } from '../model/alarm.ts';
import { actionsOf } from '../model/alarm.ts';
import { metricOf } from '../model/metric.ts';
import { configurationOf } from '../model/new-alarm.ts';
import { childrenOf } from '../model/rule.ts';
import { everyOf, nextTurn } from '../model/wheel.ts';
import { COMPOSITES, compositesKey, WHEEL } from '../reconcilers/names.ts';
import { alarm } from '../resources/alarm.ts';
import {
  compositeAlarms,
  findAlarm,
  findAlarms,
  listAlarms,
  deleteAlarms as remove,
  type StoredAlarm,
} from '../store/alarms.ts';
import { cloudwatch } from './declare.ts';

export const putMetricAlarm = cloudwatch(
  'putMetricAlarm',
  at(alarm, ({ AlarmName }) => AlarmName),
  async (ctx, input, located) => {
    const configuration = checkedAlarm(() => configurationOf(input));
    const common = commonOf(input, 'MetricAlarm');
    await checkTags(ctx, located, input);
    const now = ctx.clock.now();
    await ctx.transaction(async (tx) => {
      const everyMs = everyOf(configuration);
      await saveAlarm(ctx, tx, located, input, (kept) => {
        const { accountId, region, name, arn } = located;
        const made: MetricAlarm = {
          ...{ kind: 'MetricAlarm', accountId, region, name, arn, configuredAt: now },
          ...{ ...common, ...configuration, state: kept.state, tags: kept.tags },
        };
        return { alarm: made, everyMs };
      });
      await ctx.engine.wake(tx, WHEEL, String(everyMs), new Date(nextTurn(now.getTime(), everyMs)));
    });
    return {};
  },
);

export const deleteAlarms = cloudwatch(
  'deleteAlarms',
  atEach(alarm, ({ AlarmNames = [] }) => AlarmNames),
  async (ctx, { AlarmNames: names = [] }) => {
    await ctx.transaction(async (tx) => {
      const found = await findAlarms(tx, ctx, names);
      checkDeletable(names, found);
      await refuseUsed(await compositeAlarms(tx, ctx), names);
      if (found.length === 0) return;
      await remove(
        tx,
        ctx,
        found.map((one) => one.alarm.name),
      );
      for (const one of found) await noteConfiguration(tx, one.alarm, ctx.clock.now(), 'Delete');
      await ctx.engine.wake(tx, COMPOSITES, compositesKey(ctx));
    });
    return {};
  },
);

function checkDeletable(names: readonly string[], found: readonly StoredAlarm[]): void {
  const composites = found.filter((one) => one.alarm.kind === 'CompositeAlarm');
  if (composites.length > 1 || (composites.length === 1 && names.length > 1))
    throw validation('A composite alarm must be deleted by itself.');
}

/** What other alarms look at stays. */
function refuseUsed(composites: readonly StoredAlarm[], names: readonly string[]): void {
  for (const { alarm: parent } of composites) {
    if (parent.kind !== 'CompositeAlarm' || names.includes(parent.name)) continue;
    const used = names.find((name) => childrenOf(parent).includes(name));
    if (used !== undefined)
      throw validation(
        `Unable to delete alarm ${used}: the composite alarm ${parent.name} depends on it.`,
      );
  }
}

export const describeAlarms = cloudwatch(
  'describeAlarms',
  {
    resource: (ctx, { AlarmNames }) =>
      (AlarmNames ?? ['*']).map((name) => alarm.locate(ctx, name).arn),
  },
  async (ctx, input) => {
    const asked = askedFor(input);
    const { items, nextToken } = await page(
      ctx,
      asked,
      (after: string | undefined, count) => matching(ctx, input, after, count),
      ({ alarm: { name } }) => name,
    );
    const alarms = items.map((one) => one.alarm);
    return {
      MetricAlarms: alarms.flatMap((one) => (one.kind === 'MetricAlarm' ? [shownMetric(one)] : [])),
      CompositeAlarms: alarms.flatMap((one) =>
        one.kind === 'CompositeAlarm' ? [shownComposite(one)] : [],
      ),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  },
);

function askedFor(input: DescribeAlarmsCommandInput) {
  const { AlarmNames, AlarmNamePrefix, NextToken, MaxRecords = ALARMS_PAGE } = input;
  if (AlarmNames && AlarmNamePrefix !== undefined)
    throw validation('AlarmNames and AlarmNamePrefix must not be specified together.');
  const relatives = [input.ChildrenOfAlarmName, input.ParentsOfAlarmName].filter(Boolean);
  if (relatives.length > 1 || (relatives.length === 1 && (AlarmNames || AlarmNamePrefix)))
    throw validation(
      'ChildrenOfAlarmName and ParentsOfAlarmName must be specified without other names of alarms.',
    );
  return { token: NextToken, limit: AlarmNames?.length || MaxRecords, refuse: invalidToken };
}

async function matching(
  ctx: ServiceContext,
  input: DescribeAlarmsCommandInput,
  after: string | undefined,
  count: number,
): Promise<StoredAlarm[]> {
  const { ActionPrefix, StateValue } = input;
  const kinds = kindsOf(input);
  const names = await namesOf(ctx, input);
  const does = ({ alarm: one }: StoredAlarm) =>
    ActionPrefix === undefined ||
    (['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const).some((state) =>
      actionsOf(one, state).some((action) => action.startsWith(ActionPrefix)),
    );
  if (names) {
    const found = await findAlarms(ctx.db, ctx, names);
    return found
      .filter(
        ({ alarm: { name, kind, state } }) =>
          (after === undefined || name > after) &&
          kinds.includes(kind) &&
          (StateValue ?? state.value) === state.value,
      )
      .filter(does)
      .slice(0, count);
  }
  const filter = { prefix: input.AlarmNamePrefix, state: StateValue, kinds };
  const found: StoredAlarm[] = [];
  for (let from = after; ; ) {
    const some = await listAlarms(ctx.db, ctx, filter, from, count);
    for (const one of some) if (does(one)) found.push(one);
    if (some.length < count || found.length >= count) return found.slice(0, count);
    from = some.at(-1)?.alarm.name;
  }
}

/** Without types it is metric alarms alone that are told of, unless relatives are asked for. */
function kindsOf({
  AlarmTypes,
  ChildrenOfAlarmName,
  ParentsOfAlarmName,
}: DescribeAlarmsCommandInput): Alarm['kind'][] {
  if (AlarmTypes?.length) return AlarmTypes as Alarm['kind'][];
  const relatives = ChildrenOfAlarmName !== undefined || ParentsOfAlarmName !== undefined;
  return relatives ? ['MetricAlarm', 'CompositeAlarm'] : ['MetricAlarm'];
}

/** The names that are asked about; undefined where it is all of them. */
async function namesOf(
  ctx: ServiceContext,
  { AlarmNames, ChildrenOfAlarmName, ParentsOfAlarmName }: DescribeAlarmsCommandInput,
): Promise<string[] | undefined> {
  if (AlarmNames) return AlarmNames;
  if (ChildrenOfAlarmName !== undefined) {
    const parent = (await findAlarm(ctx.db, ctx, ChildrenOfAlarmName))?.alarm;
    if (parent?.kind !== 'CompositeAlarm')
      throw validation(`${ChildrenOfAlarmName} is no composite alarm.`);
    return childrenOf(parent);
  }
  if (ParentsOfAlarmName === undefined) return undefined;
  const composites = await compositeAlarms(ctx.db, ctx);
  return composites
    .filter((one) => childrenOf(one.alarm).includes(ParentsOfAlarmName))
    .map((one) => one.alarm.name);
}

export const describeAlarmsForMetric = cloudwatch(
  'describeAlarmsForMetric',
  { resource: (ctx) => alarm.locate(ctx, '*').arn },
  async (ctx, input) => {
    const wanted = metricOf(input);
    const found: MetricAlarm[] = [];
    for (let after: string | undefined; ; ) {
      const some = await listAlarms(ctx.db, ctx, { kinds: ['MetricAlarm'] }, after, 500);
      for (const { alarm: one } of some)
        if (one.kind === 'MetricAlarm' && watches(one, wanted, input)) found.push(one);
      after = some.at(-1)?.alarm.name;
      if (some.length < 500) break;
    }
    return { MetricAlarms: found.map(shownMetric) };
  },
);

interface Narrower {
  Statistic?: string | undefined;
  ExtendedStatistic?: string | undefined;
  Period?: number | undefined;
  Unit?: string | undefined;
}

function watches(
  { single, queries = [] }: MetricAlarm,
  wanted: ReturnType<typeof metricOf>,
  { Statistic, ExtendedStatistic, Period, Unit }: Narrower,
): boolean {
  const watched = [
    ...(single
      ? [
          {
            ...metricOf({
              Namespace: single.namespace,
              MetricName: single.metricName,
              Dimensions: single.dimensions,
            }),
            stat: single.statistic ?? single.extendedStatistic,
            ...{ period: single.period, unit: single.unit },
          },
        ]
      : []),
    ...queries.flatMap(({ MetricStat: stat }) =>
      stat?.Metric
        ? [{ ...metricOf(stat.Metric), stat: stat.Stat, period: stat.Period, unit: stat.Unit }]
        : [],
    ),
  ];
  const statistic = Statistic ?? ExtendedStatistic;
  return watched.some(
    ({ stat, period, unit, ...metric }) =>
      JSON.stringify(metric) === JSON.stringify(wanted) &&
      (statistic === undefined || stat === statistic) &&
      (Period === undefined || period === Period) &&
      (Unit === undefined || unit === Unit),
  );
}
