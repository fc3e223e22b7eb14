import type {
  Datapoint,
  GetMetricDataCommandInput,
  GetMetricStatisticsCommandInput,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidCombination, invalidToken, invalidValue, validation } from '../errors.ts';
import { MAX_DATA_PAGE, MAX_DATAPOINTS, MAX_QUERIES } from '../limits.ts';
import { readSources } from '../metrics/read.ts';
import { labelled } from '../model/label.ts';
import type { Series } from '../model/math/value.ts';
import { metricId, metricOf } from '../model/metric.ts';
import {
  checkedPeriod,
  type Plan,
  planOf,
  type Query,
  QueryError,
  workOut,
} from '../model/queries.ts';
import { periodsOf, roundedStart } from '../model/series.ts';
import { isPlainStatistic, parseStatistic, type Statistic } from '../model/statistic.ts';
import { readEntries } from '../store/chunks.ts';
import { cloudwatch } from './declare.ts';

export const getMetricStatistics = cloudwatch('getMetricStatistics', {}, async (ctx, input) => {
  const statistics = statisticsOf(input);
  const now = ctx.clock.now().getTime();
  const period = inOwnWords(() => checkedPeriod(input.Period ?? 0)) * 1000;
  const { from, to } = spanOf(input, period, now);
  const most = Math.ceil((to - from) / period);
  if (most > MAX_DATAPOINTS)
    throw invalidCombination(
      `You have requested up to ${most} datapoints, which exceeds the limit of 1440. ` +
        'You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    );
  const id = metricId(ctx, metricOf(input));
  const entries = (await readEntries(ctx.db, [id], { from, to })).get(id) ?? [];
  const periods = periodsOf(entries, { from, to, period, unit: input.Unit }, now, true);
  const datapoints = periods.map(({ at, unit, summary }): Datapoint => {
    const extended = statistics.extended.flatMap((statistic) => {
      const value = statistic.of(summary);
      return value === undefined ? [] : [[statistic.name, value] as const];
    });
    return {
      Timestamp: new Date(at),
      ...Object.fromEntries(statistics.plain.map(({ name, of }) => [name, of(summary)])),
      Unit: unit as Datapoint['Unit'] & string,
      ...(extended.length > 0 && { ExtendedStatistics: Object.fromEntries(extended) }),
    };
  });
  return { Label: input.MetricName, Datapoints: datapoints };
});

function statisticsOf(input: GetMetricStatisticsCommandInput) {
  const { Statistics = [], ExtendedStatistics = [] } = input;
  if (Statistics.length === 0 && ExtendedStatistics.length === 0)
    throw invalidCombination('Must specify either Statistics or ExtendedStatistics');
  const parsed = (name: string): Statistic => {
    const statistic = parseStatistic(name);
    if (!statistic || isPlainStatistic(name) !== (Statistics as string[]).includes(name))
      throw invalidValue(`The value ${name} for parameter ExtendedStatistics is invalid.`);
    return statistic;
  };
  return { plain: Statistics.map(parsed), extended: ExtendedStatistics.map(parsed) };
}

/** @param period milliseconds */
function spanOf(
  { StartTime, EndTime }: { StartTime?: Date | undefined; EndTime?: Date | undefined },
  period: number,
  now: number,
) {
  const [start, end] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
  if (!(start < end))
    throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  return { from: roundedStart(start, period, now), to: end };
}

function inOwnWords<T>(work: () => T, asValidation = false): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (error.refused) throw unsupported(error.message);
    throw asValidation ? validation(error.message) : invalidValue(error.message);
  }
}

export const getMetricData = cloudwatch('getMetricData', {}, async (ctx, input) => {
  const plan = dataPlan(ctx, input);
  const now = ctx.clock.now().getTime();
  const shortest = plan.queries.reduce((so, { period = so }) => Math.min(so, period), 60);
  const span = spanOf(input, shortest * 1000, now);
  const sources = await readSources(ctx.db, ctx, plan, span, now);
  const worked = inOwnWords(() => workOut(plan, sources), true);
  const results = worked.flatMap(({ query, series }) =>
    series.map((each) => resultOf(ctx, query, each, input)),
  );
  return pageOf(ctx, input, results);
});

function dataPlan(ctx: ServiceContext, input: GetMetricDataCommandInput): Plan {
  const { MetricDataQueries: queries = [] } = input;
  if (queries.length > MAX_QUERIES)
    throw validation(
      `The collection MetricDataQueries must not have a size greater than ${MAX_QUERIES}.`,
    );
  if (queries.length === 0) throw validation('The collection MetricDataQueries must not be empty.');
  if (queries.some(({ AccountId }) => AccountId !== undefined && AccountId !== ctx.accountId))
    throw unsupported('metrics of linked accounts');
  return inOwnWords(() => planOf(queries), true);
}

interface Result extends MetricDataResult {
  Timestamps: Date[];
  Values: number[];
}

function resultOf(
  ctx: ServiceContext,
  query: Query,
  { label, points }: Series,
  { ScanBy = 'TimestampDescending', LabelOptions }: GetMetricDataCommandInput,
): Result {
  const ordered = ScanBy === 'TimestampAscending' ? points : points.toReversed();
  return {
    Id: query.id,
    Label: labelled(label, { ...ctx, query, points, zone: LabelOptions?.Timezone }),
    Timestamps: ordered.map(([at]) => new Date(at)),
    Values: ordered.map(([, value]) => value),
    StatusCode: 'Complete',
  };
}

/** Pages go through all values, result by result. */
function pageOf(ctx: ServiceContext, input: GetMetricDataCommandInput, results: Result[]) {
  const { MaxDatapoints: limit = MAX_DATA_PAGE, NextToken: token } = input;
  if (limit < 1 || limit > MAX_DATA_PAGE)
    throw validation(`The value of MaxDatapoints must be between 1 and ${MAX_DATA_PAGE}.`);
  const skipped = token === undefined ? 0 : ctx.openToken(token);
  if (typeof skipped !== 'number') throw invalidToken();
  const shown: Result[] = [];
  let before = 0;
  for (const result of results) {
    const from = Math.max(0, skipped - before);
    const to = Math.min(result.Values.length, skipped + limit - before);
    const all = result.Values.length;
    before += all;
    // What has no values is told on the first page.
    if (all === 0 ? token !== undefined : from >= to) continue;
    shown.push({
      ...result,
      Timestamps: result.Timestamps.slice(from, to),
      Values: result.Values.slice(from, to),
      StatusCode: to < all ? 'PartialData' : 'Complete',
    });
  }
  return {
    MetricDataResults: shown,
    Messages: [],
    ...(before > skipped + limit && { NextToken: ctx.sealToken(skipped + limit) }),
  };
}
