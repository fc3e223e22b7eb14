import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidCombination, invalidValue, missing } from '../errors.ts';
import type { Entry } from '../model/chunk.ts';
import { rollUp } from '../model/chunk.ts';
import { type Datum, DatumError, readData } from '../model/datum.ts';
import { type MetricName, metricId } from '../model/metric.ts';
import { insertChunks, type NewChunk } from '../store/chunks.ts';
import { countOnce, noteMetrics } from '../store/metrics.ts';
import { cloudwatch } from './declare.ts';

const namespaceCondition = (
  _ctx: ServiceContext,
  { Namespace = '' }: PutMetricDataCommandInput,
) => ({
  'cloudwatch:namespace': Namespace,
});

export const putMetricData = cloudwatch(
  'putMetricData',
  { conditions: namespaceCondition },
  async (ctx, input) => {
    const { Namespace = '', MetricData = [], EntityMetricData } = input;
    if (EntityMetricData) throw unsupported('the member EntityMetricData of PutMetricData');
    checkNamespace(ctx, Namespace);
    if (MetricData.length === 0) throw missing('The parameter MetricData is required.');
    const now = ctx.clock.now().getTime();
    const { metrics, chunks } = grouped(ctx, read(Namespace, MetricData, now));
    await ctx.transaction(async (tx) => {
      if (!(await isNew(ctx, tx, now))) return;
      await noteMetrics(tx, ctx, metrics, now);
      await insertChunks(tx, chunks);
    });
    return {};
  },
);

/** Services count what they hear of, and hear of it at least once: a call of theirs that comes again says so by its id. */
async function isNew(ctx: ServiceContext, tx: Parameters<typeof countOnce>[0], now: number) {
  const { principal, invocationId } = ctx;
  if (principal.type !== 'service' || invocationId === undefined) return true;
  return countOnce(tx, ctx, `${principal.service}/${invocationId}`, now);
}

/** Those of AWS are for AWS's services. */
function checkNamespace({ principal }: ServiceContext, namespace: string): void {
  if (/^AWS\//i.test(namespace) && principal.type !== 'service')
    throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
}

function read(
  namespace: string,
  data: NonNullable<PutMetricDataCommandInput['MetricData']>,
  now: number,
): Datum[] {
  try {
    return readData(namespace, data, now);
  } catch (error) {
    if (!(error instanceof DatumError)) throw error;
    if (error.kind === 'missing') throw missing(error.message);
    throw error.kind === 'value' ? invalidValue(error.message) : invalidCombination(error.message);
  }
}

/** One row for each metric, however often a call names it. */
function grouped(ctx: ServiceContext, data: readonly Datum[]) {
  const metrics = new Map<string, MetricName>();
  const groups = new Map<string, { metricId: string; resolution: number; entries: Entry[] }>();
  for (const { metric, resolution, entry } of data) {
    const id = metricId(ctx, metric);
    metrics.set(id, metric);
    const key = `${id} ${resolution}`;
    const group = groups.get(key);
    if (group) group.entries.push(entry);
    else groups.set(key, { metricId: id, resolution, entries: [entry] });
  }
  const chunks: NewChunk[] = [...groups.values()].map((group) => ({
    ...group,
    entries: rollUp(group.entries, group.resolution),
    fresh: true,
  }));
  return { metrics, chunks };
}
