import { Collector, type CompiledKey } from './collector.ts';
import { columnsOf, type ResultField, show } from './columns.ts';
import { type Circumstances, compileExpression } from './evaluate.ts';
import type { Held } from './held.ts';
import { type QueryEvent, Row } from './row.ts';
import { type Segment, type Step, segmentsOf } from './segments.ts';
import type { Stage } from './stage.ts';
import { Statistics } from './statistics.ts';
import { withSteps } from './steps.ts';
import type { Command } from './syntax.ts';
import { toNumber } from './values.ts';

/** What a query is run with. */
export interface Options extends Circumstances {
  /** Lines of results, where no `limit` says less. */
  limit: number;
  held: Held;
}

/** A query on its way over the events. */
export interface Pipeline {
  add(event: QueryEvent): void;
  /** Events that were not filtered out. */
  matched(): number;
  /** Whether the oldest events are wanted first, rather than the newest. */
  oldestFirst: boolean;
  /** The time, in epoch milliseconds, behind which no event is wanted any more when they come in the wanted order. */
  enough(): number | undefined;
  results(): ResultField[][];
}

/** Makes a query that events can be put into. @throws QueryError */
export function makePipeline(commands: Command[], options: Options): Pipeline {
  const segments = segmentsOf(commands);
  const columns = columnsOf(commands);
  const out: Row[] = [];
  let matched = 0;
  let stage: Stage = { add: (row) => void out.push(row), end: () => {} };
  let collector: Collector | undefined;
  for (const [index, segment] of [...segments.entries()].reverse()) {
    const isLast = index === segments.length - 1;
    const events = segments.slice(0, index).every(({ stats }) => !stats);
    collector = collectorOf(segment, { isLast, events }, options);
    if (segment.stats) stage = statisticsStage(segment.stats, stage, options);
    if (collector) stage = collecting(collector, stage);
    if (index === 0) stage = counting(() => matched++, stage);
    stage = withSteps(segment.steps, stage, options);
  }
  const time = timeOrder(segments[0]);
  const first = stage;
  return {
    add: (event) => first.add(new Row(event), event.timestamp),
    matched: () => matched,
    oldestFirst: time === 'oldest',
    enough() {
      const last = time && collector?.threshold();
      return last && toNumber(last[0]);
    },
    results() {
      first.end();
      return out.map((row) => show(row, columns));
    },
  };
}

/** By which time the rows of a segment are sorted; undefined for any other order. */
function timeOrder(segment: Segment | undefined): 'newest' | 'oldest' | undefined {
  if (segment?.steps.some(makesTime)) return undefined;
  const first = segment?.order?.[0];
  if (!first) return 'newest';
  if (first.expression.kind !== 'field' || first.expression.name !== '@timestamp') return undefined;
  return first.descending ? 'newest' : 'oldest';
}

/** Whether a step makes a `@timestamp` that is not the event's. */
function makesTime(step: Step): boolean {
  if (step.kind === 'filter') return false;
  if (step.kind === 'unnest') return step.name === '@timestamp';
  // Groups have names of their own, that a regular expression alone tells.
  if (step.kind === 'parse') return step.names.includes('@timestamp');
  return step.selected.some(
    ({ name, expression }) => name === '@timestamp' && expression.kind !== 'field',
  );
}

/** What brings the rows of a segment into order and cuts them; undefined where all go on as they come. */
function collectorOf(
  { order, dedup, limit }: Segment,
  { isLast, events }: { isLast: boolean; events: boolean },
  options: Options,
): Collector | undefined {
  if (!isLast && limit === undefined && dedup === undefined) return undefined;
  const keys = (order ?? []).map(({ expression, descending }) => ({
    value: compileExpression(expression, options),
    descending,
  }));
  if (events && !order) keys.push(BY_TIME);
  if (events) keys.push(BY_ID);
  const most = isLast ? options.limit : Number.MAX_SAFE_INTEGER;
  return new Collector(
    {
      order: keys,
      dedup: dedup?.map((field) => compileExpression(field, options)),
      limit: Math.min(limit ?? most, most),
    },
    options.held,
  );
}

const BY_TIME: CompiledKey = { value: (row) => row.get('@timestamp'), descending: true };
/** Ids begin with the time. */
const BY_ID: CompiledKey = { value: (row) => row.event?.id, descending: true };

function collecting(collector: Collector, next: Stage): Stage {
  return {
    add: (row) => collector.add(row),
    end() {
      for (const row of collector.rows()) next.add(row, row.event?.timestamp ?? 0);
      next.end();
    },
  };
}

function statisticsStage(
  stats: NonNullable<Segment['stats']>,
  next: Stage,
  options: Options,
): Stage {
  const statistics = new Statistics(stats, options, options.held);
  return {
    add: (row, timestamp) => statistics.add(row, timestamp),
    end() {
      for (const row of statistics.rows()) next.add(row, 0);
      next.end();
    },
  };
}

function counting(count: () => void, next: Stage): Stage {
  return {
    add(row, timestamp) {
      count();
      next.add(row, timestamp);
    },
    end: () => next.end(),
  };
}
