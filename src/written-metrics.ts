import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import type { QueueLength } from './engine/engine.ts';

/** Calls of one API and operation that ended alike. */
export interface Calls {
  labels: { api: string; operation: string; status: number };
  count: number;
}

/** How long calls of an API took. */
export interface Times {
  /** How many took as long as each bound at most, and longer than the one before. */
  counts: number[];
  /** Seconds. */
  sum: number;
}

export interface Counted {
  calls: Iterable<Calls>;
  times: Map<string, Times>;
  /** Upper bounds of `counts`, in seconds. */
  bounds: readonly number[];
  /** Of the engine's queues, by reconciler. */
  lengths: Map<string, QueueLength>;
}

/** Writes what was counted, and Node's own figures, in Prometheus' format. */
export function makeWriter(): (counted: Counted) => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const calls = new Counter({
    ...{ name: 'slipway_calls_total', help: 'AWS API calls', registers },
    labelNames: ['api', 'operation', 'status'],
  });
  const queue = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['reconciler'], registers });
  const due = queue('slipway_queue_due', 'Wake-ups that are due, over all servers');
  const failing = queue('slipway_queue_failing', 'Keys whose last run failed, over all servers');
  let values: unknown[] = [];
  const seconds = { name: 'slipway_call_seconds', help: 'Time to answer an AWS API call' };
  // The package's own histogram takes one observation after the other.
  const histogram = { ...seconds, type: 'histogram', get: async () => ({ ...histogram, values }) };
  registry.registerMetric(histogram as unknown as Metric);
  return async (counted) => {
    for (const metric of [calls, due, failing]) metric.reset();
    for (const { labels, count } of counted.calls) calls.inc(labels, count);
    for (const [reconciler, length] of counted.lengths) {
      due.set({ reconciler }, length.due);
      failing.set({ reconciler }, length.failing);
    }
    values = [...counted.times].flatMap(([api, its]) => histogramOf(api, its, counted.bounds));
    return registry.metrics();
  };

  function histogramOf(api: string, { counts, sum }: Times, bounds: readonly number[]) {
    let count = 0;
    const buckets = counts.map((more, at) => {
      count += more;
      const le = bounds[at] === Number.POSITIVE_INFINITY ? '+Inf' : bounds[at];
      return { labels: { le, api }, value: count, metricName: `${seconds.name}_bucket` };
    });
    const whole = (name: string, value: number) => ({
      ...{ labels: { api }, value, metricName: `${seconds.name}_${name}` },
    });
    return [...buckets, whole('sum', sum), whole('count', count)];
  }
}
