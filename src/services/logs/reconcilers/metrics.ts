import {
  CloudWatchClient,
  type MetricDatum,
  PutMetricDataCommand,
  type StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { nextTurn } from '../../../lib/turns.ts';
import { BACKLOG_KEPT_MS, MAX_DATA_OF_CALL, MAX_VALUES_OF_DATUM } from '../limits.ts';
import type { LogEvent } from '../model/batch.ts';
import { blocksOf } from '../model/blocks.ts';
import {
  compileMetricFilter,
  type MetricData,
  MINUTE_MS,
  type Minutes,
} from '../model/metric-data.ts';
import { groupArn } from '../resources/arns.ts';
import { findGroupById } from '../store/groups.ts';
import {
  bodyOf,
  dropBacklog,
  endBacklog,
  filtersOfGroup,
  minutesOf,
  readBacklog,
} from '../store/metric-filters.ts';
import { dataKeyOf, openChunk } from '../store/sealing.ts';
import type { ChunkRow, GroupRow, MetricFilterRow } from '../store/tables.ts';
import { METRICS, sweeps } from '../sweeps.ts';

/** Chunks that are looked at before their metrics go out. */
const CHUNKS_AT_ONCE = 32;

/** Makes metrics of what was put into a group: at least once, should the server die between CloudWatch's answer and the commit. */
export const metrics = defineReconciler<Platform>({
  name: METRICS,
  async reconcile(ctx, groupId, signal) {
    const group = await findGroupById(ctx.db, groupId);
    const now = ctx.clock.now().getTime();
    const filters = group ? await filtersOfGroup(ctx.db, groupId) : [];
    const before = filters.length > 0 ? now - BACKLOG_KEPT_MS : Number.MAX_SAFE_INTEGER;
    await ctx.transaction((tx) => dropBacklog(tx, groupId, before));
    if (!group || filters.length === 0) return undefined;
    const { ids, chunks } = await readBacklog(ctx.db, groupId, CHUNKS_AT_ONCE);
    const looked = await look(ctx, { group, filters, chunks }, now, signal);
    await send(ctx, group, [...looked.data.values()]);
    await ctx.transaction((tx) => endBacklog(tx, groupId, ids, looked.minutes));
    if (ids.length === CHUNKS_AT_ONCE) return 'now';
    return looked.next === undefined ? undefined : new Date(looked.next);
  },
  sweep: sweeps[METRICS],
});

async function look(
  ctx: Platform,
  { group, filters, chunks }: { group: GroupRow; filters: MetricFilterRow[]; chunks: ChunkRow[] },
  now: number,
  signal: AbortSignal,
) {
  const data = new Map<string, MetricData>();
  const minutes = new Map<string, Minutes>();
  let next: number | undefined;
  const key = dataKeyOf(ctx, group);
  const opened = key ? chunks.map((chunk) => ({ chunk, events: eventsOf(chunk, key) })) : [];
  for (const row of filters) {
    const { filterPattern, metricTransformations } = bodyOf(row);
    const filter = compileMetricFilter(filterPattern, metricTransformations);
    const open = minutesOf(row);
    for (const { chunk, events } of opened) {
      // What was there before a filter is not its own.
      if (chunk.ingested_at < row.created_at) continue;
      const seen = filter.add(events(), data);
      for (const [minute, matched] of seen) open.set(minute, matched || open.get(minute) === true);
      await nextTurn(signal);
    }
    const hasDefault = metricTransformations.some((each) => each.defaultValue !== undefined);
    const still: Minutes = new Map();
    for (const [minute, matched] of hasDefault ? open : []) {
      const end = (minute + 1) * MINUTE_MS;
      if (end > now) {
        still.set(minute, matched);
        next = Math.min(next ?? end, end);
      } else if (!matched)
        for (const each of filter.fallback(minute))
          data.set(`default ${row.name} ${each.name} ${minute}`, each);
    }
    minutes.set(row.name, still);
  }
  return { data, minutes, next };
}

function eventsOf(chunk: ChunkRow, key: Buffer): () => LogEvent[] {
  const { min_at: min, max_at: max, bytes } = chunk;
  const whole = { count: chunk.last_seq - chunk.first_seq + 1, min, max, bytes };
  return () => {
    const events: LogEvent[] = [];
    for (const block of blocksOf(openChunk(key, chunk.id, chunk.sealed), whole))
      append(events, block.open());
    return events;
  };
}

async function send(ctx: Platform, group: GroupRow, all: MetricData[]): Promise<void> {
  const owner = { accountId: group.account_id, region: group.region };
  const client = ctx.client(CloudWatchClient, {
    service: 'logs.amazonaws.com',
    sourceArn: groupArn(owner, group.name),
    region: group.region,
    may: ['cloudwatch:PutMetricData'],
  });
  for (const [namespace, found] of Map.groupBy(all, (each) => each.namespace)) {
    const data = found.flatMap(datumsOf);
    for (let from = 0; from < data.length; from += MAX_DATA_OF_CALL)
      await put(ctx, client, namespace, data.slice(from, from + MAX_DATA_OF_CALL));
  }
}

const WRONG = /^(Invalid|Validation|Missing|Serialization)/;

/** What one event says and CloudWatch does not take keeps the others of its group from nobody. */
async function put(
  ctx: Platform,
  client: CloudWatchClient,
  namespace: string,
  data: MetricDatum[],
): Promise<void> {
  try {
    await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data }));
  } catch (error) {
    if (!isRefusal(error) || !WRONG.test(error.name)) throw error;
    const [metric] = data;
    if (data.length > 1) for (const one of data) await put(ctx, client, namespace, [one]);
    else
      ctx.log.warn(
        { err: error, namespace, metric: metric?.MetricName },
        'data of a metric filter are refused; they are dropped',
      );
  }
}

function datumsOf({ name, unit, dimensions, timestamp, values }: MetricData): MetricDatum[] {
  const all = [...values];
  const datums: MetricDatum[] = [];
  for (let from = 0; from < all.length; from += MAX_VALUES_OF_DATUM) {
    const some = all.slice(from, from + MAX_VALUES_OF_DATUM);
    datums.push({
      MetricName: name,
      Timestamp: new Date(timestamp),
      Values: some.map(([value]) => value),
      Counts: some.map(([, count]) => count),
      ...(unit !== undefined && { Unit: unit as StandardUnit }),
      ...(dimensions.length > 0 && {
        Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
      }),
    });
  }
  return datums;
}
