import type { Db, Tx } from '../../../db/database.ts';
import { append } from '../../../lib/append.ts';
import { LISTED_MS } from '../limits.ts';
import type { Series } from '../model/math/value.ts';
import { type MetricName, metricId } from '../model/metric.ts';
import type { Plan, Query, Reading, Searching, Sources } from '../model/queries.ts';
import { periodsOf, pointsOf } from '../model/series.ts';
import { readEntries, type Span, type StoredEntry } from '../store/chunks.ts';
import { type ListedMetric, listMetrics } from '../store/metrics.ts';
import type { Owner } from '../store/tables.ts';

/** A search finds no more: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
const MOST_FOUND = 500;

/** Reads what a plan's queries need, all at once. @param now epoch milliseconds */
export async function readSources(
  db: Db | Tx,
  owner: Owner,
  plan: Plan,
  span: Span,
  now: number,
): Promise<Sources> {
  const found = new Map<string, ListedMetric[]>();
  for (const searching of plan.searches)
    found.set(searching.key, await search(db, owner, searching, now));
  const ids = new Set([...found.values()].flat().map(({ id }) => id));
  for (const { reading } of plan.queries) if (reading) ids.add(metricId(owner, reading.metric));
  return sourcesOf(owner, plan, span, now, await readEntries(db, [...ids], span), found);
}

/** The series of a plan out of what was read. */
export function sourcesOf(
  owner: Owner,
  plan: Plan,
  span: Span,
  now: number,
  entries: ReadonlyMap<string, readonly StoredEntry[]>,
  found: ReadonlyMap<string, readonly ListedMetric[]> = new Map(),
): Sources {
  const seriesFor = (id: string, reading: Omit<Reading, 'metric'>, label: string): Series => {
    const period = reading.period * 1000;
    const asked = { ...span, period, unit: reading.unit };
    const periods = periodsOf(entries.get(id) ?? [], asked, now);
    return { label, period, points: pointsOf(periods, reading.statistic) };
  };
  const searches = new Map(plan.searches.map((searching) => [searching.key, searching]));
  return {
    ...span,
    read: (query: Query, reading) => ({
      ...seriesFor(metricId(owner, reading.metric), reading, query.label ?? reading.metric.name),
      id: query.id,
    }),
    searched(key) {
      const searching = searches.get(key);
      if (!searching) return [];
      return (found.get(key) ?? []).map((metric) =>
        seriesFor(metric.id, searching, labelOf(metric)),
      );
    },
  };
}

const labelOf = ({ name, dimensions }: MetricName) =>
  [...dimensions.map(({ Value }) => Value), name].join(' ');

async function search(
  db: Db | Tx,
  owner: Owner,
  { search }: Searching,
  now: number,
): Promise<ListedMetric[]> {
  const filter = { namespace: search.namespace, activeAfter: now - LISTED_MS };
  const found: ListedMetric[] = [];
  for (let after: ListedMetric | undefined; found.length < MOST_FOUND; ) {
    const some = await listMetrics(
      db,
      owner,
      filter,
      after && [after.namespace, after.name, after.id],
      MOST_FOUND,
    );
    append(
      found,
      some.filter((metric) => search.matches(metric)),
    );
    after = some.at(-1);
    if (some.length < MOST_FOUND) break;
  }
  return found.slice(0, MOST_FOUND);
}
