import type { Note } from './aws/record.ts';
import type { QueueLength } from './engine/engine.ts';
import type { Calls, Counted, Times } from './written-metrics.ts';

export interface Metrics {
  observe: Note;
  /** @param lengths of the engine's queues, by reconciler */
  text(lengths: Map<string, QueueLength>): Promise<string>;
  contentType: string;
}

const BOUNDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, Number.POSITIVE_INFINITY];

/**
 * Counts and times of calls by API and operation, lengths of queues, and Node's own figures, in Prometheus' format.
 * What writes them down takes a sixth of an idle server's memory: it is loaded when somebody asks, and they are counted here.
 */
export function makeMetrics(): Metrics {
  const calls = new Map<string, Calls>();
  const times = new Map<string, Times>();
  let write: ((counted: Counted) => Promise<string>) | undefined;
  return {
    observe({ api, operation, status, milliseconds }) {
      const key = `${api} ${operation} ${status}`;
      const counted = calls.get(key) ?? { labels: { api, operation, status }, count: 0 };
      counted.count += 1;
      calls.set(key, counted);
      const seconds = milliseconds / 1000;
      const timed = times.get(api) ?? { counts: BOUNDS.map(() => 0), sum: 0 };
      const at = BOUNDS.findIndex((bound) => seconds <= bound);
      timed.counts[at] = (timed.counts[at] ?? 0) + 1;
      timed.sum += seconds;
      times.set(api, timed);
    },
    async text(lengths) {
      const { makeWriter } = await import('./written-metrics.ts');
      write ??= makeWriter();
      return write({ calls: calls.values(), times, bounds: BOUNDS, lengths });
    },
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  };
}
