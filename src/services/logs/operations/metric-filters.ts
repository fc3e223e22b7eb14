import type { MetricFilter, PutMetricFilterCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { unsupported } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { at, need } from '../../../kit/resource.ts';
import { encodeJson } from '../../../lib/json.ts';
import { groupNotFound, invalidParameter, limitExceeded, metricFilterNotFound } from '../errors.ts';
import { MAX_DIMENSIONS, MAX_METRIC_FILTERS } from '../limits.ts';
import { FilterPatternError, UnsupportedPatternError } from '../model/matcher.ts';
import { compileMetricFilter } from '../model/metric-data.ts';
import { streamArn } from '../resources/arns.ts';
import { logGroup } from '../resources/log-group.ts';
import { findGroup } from '../store/groups.ts';
import {
  bodyOf,
  deleteMetricFilter as deleteRow,
  encodeMinutes,
  filtersOfGroup,
  listMetricFilters,
  putMetricFilter as putRow,
} from '../store/metric-filters.ts';
import type { MetricFilterRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';

const atGroup = at(logGroup, ({ logGroupName = '' }: { logGroupName: string | undefined }) => ({
  logGroupName,
}));

export const putMetricFilter = logs('putMetricFilter', atGroup, async (ctx, input, located) => {
  check(input);
  const { filterName: name = '', filterPattern = '', metricTransformations = [] } = input;
  await ctx.transaction(async (tx) => {
    const group = await need(tx, logGroup, located);
    const known = await filtersOfGroup(tx, group.id);
    if (known.length >= MAX_METRIC_FILTERS && !known.some((each) => each.name === name))
      throw limitExceeded();
    const row: MetricFilterRow = {
      ...{ account_id: group.account_id, region: group.region, group_name: group.name, name },
      ...{ group_id: group.id, created_at: ctx.clock.now().getTime() },
      ...{
        body: encodeJson({ filterPattern, metricTransformations }),
        minutes: encodeMinutes(new Map()),
      },
    };
    await putRow(tx, row);
  });
  return {};
});

/** @throws InvalidParameterException NotImplemented */
function check(input: PutMetricFilterCommandInput): void {
  for (const member of ['fieldSelectionCriteria', 'emitSystemFieldDimensions'] as const)
    if (input[member]?.length) throw unsupported(`the member ${member} of PutMetricFilter`);
  if (input.applyOnTransformedLogs) throw unsupported('applyOnTransformedLogs of PutMetricFilter');
  for (const { metricNamespace = '', dimensions, defaultValue } of input.metricTransformations ??
    []) {
    const count = Object.keys(dimensions ?? {}).length;
    if (metricNamespace.startsWith('AWS/'))
      throw invalidParameter('Metric namespaces that begin with AWS/ are reserved.');
    if (count > MAX_DIMENSIONS)
      throw invalidParameter(`A metric transformation has at most ${MAX_DIMENSIONS} dimensions.`);
    if (count > 0 && defaultValue !== undefined)
      throw invalidParameter(
        'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
      );
  }
  try {
    compileMetricFilter(input.filterPattern ?? '', input.metricTransformations ?? []);
  } catch (error) {
    if (error instanceof FilterPatternError) throw invalidParameter(error.message);
    if (error instanceof UnsupportedPatternError) throw unsupported(error.message);
    throw error;
  }
}

export const deleteMetricFilter = logs(
  'deleteMetricFilter',
  atGroup,
  async (ctx, input, located) => {
    await ctx.transaction(async (tx) => {
      const group = await need(tx, logGroup, located);
      if (!(await deleteRow(tx, group, input.filterName ?? ''))) throw metricFilterNotFound();
    });
    return {};
  },
);

export const describeMetricFilters = logs(
  'describeMetricFilters',
  { resource: (ctx, { logGroupName = '' }) => streamArn(ctx, logGroupName) },
  async (ctx, input) => {
    const { logGroupName, filterNamePrefix: prefix = '', metricName, metricNamespace } = input;
    if ((metricName === undefined) !== (metricNamespace === undefined))
      throw invalidParameter('metricName and metricNamespace have to be specified together.');
    if (logGroupName !== undefined && !(await findGroup(ctx.db, ctx, logGroupName)))
      throw groupNotFound();
    const isMeant = (row: MetricFilterRow) =>
      row.name.startsWith(prefix) &&
      (metricName === undefined ||
        bodyOf(row).metricTransformations.some(
          (each) => each.metricName === metricName && each.metricNamespace === metricNamespace,
        ));
    const all = (await listMetricFilters(ctx.db, ctx, logGroupName)).filter(isMeant);
    const { items, nextToken } = pageOfList(ctx, asked(input), all, keyOf);
    return { metricFilters: items.map(describe), ...(nextToken && { nextToken }) };
  },
);

const keyOf = (row: MetricFilterRow) => [row.group_name, row.name] as const;

function describe(row: MetricFilterRow): MetricFilter {
  return {
    ...{ filterName: row.name, logGroupName: row.group_name, creationTime: row.created_at },
    ...bodyOf(row),
  };
}
