import type { ListMetricsCommandInput } from '@aws-sdk/client-cloudwatch';
import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import { invalidListToken } from '../errors.ts';
import { LISTED_MS, METRICS_PAGE, RECENTLY_ACTIVE_MS } from '../limits.ts';
import type { MetricName } from '../model/metric.ts';
import { type ListedMetric, listMetrics as list, type MetricKey } from '../store/metrics.ts';
import { cloudwatch } from './declare.ts';

export const listMetrics = cloudwatch('listMetrics', {}, async (ctx, input) => {
  if (input.IncludeLinkedAccounts) throw unsupported('metrics of linked accounts');
  if (input.OwningAccount !== undefined && input.OwningAccount !== ctx.accountId)
    throw unsupported('metrics of linked accounts');
  const asked = { token: input.NextToken, limit: METRICS_PAGE, refuse: invalidListToken };
  const { items, nextToken } = await page(
    ctx,
    asked,
    (after: MetricKey | undefined, count) => matching(ctx, input, after, count),
    keyOf,
  );
  return {
    Metrics: items.map(shown),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
});

const keyOf = ({ namespace, name, id }: ListedMetric): MetricKey => [namespace, name, id];

const shown = ({ namespace, name, dimensions }: ListedMetric) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: dimensions,
});

/** At most `count` that have the dimensions, of which SQL knows nothing. */
async function matching(
  ctx: ServiceContext,
  input: ListMetricsCommandInput,
  after: MetricKey | undefined,
  count: number,
): Promise<ListedMetric[]> {
  const age = input.RecentlyActive ? RECENTLY_ACTIVE_MS : LISTED_MS;
  const filter = {
    namespace: input.Namespace,
    name: input.MetricName,
    activeAfter: ctx.clock.now().getTime() - age,
  };
  const found: ListedMetric[] = [];
  for (let from = after; ; ) {
    const some = await list(ctx.db, ctx, filter, from, count);
    append(
      found,
      some.filter((metric) => hasDimensions(metric, input.Dimensions ?? [])),
    );
    const last = some.at(-1);
    if (!last || some.length < count || found.length >= count) return found.slice(0, count);
    from = keyOf(last);
  }
}

function hasDimensions(
  { dimensions }: MetricName,
  wanted: NonNullable<ListMetricsCommandInput['Dimensions']>,
): boolean {
  return wanted.every((filter) =>
    dimensions.some(
      ({ Name, Value }) =>
        Name === filter.Name && (filter.Value === undefined || Value === filter.Value),
    ),
  );
}
