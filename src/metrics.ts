import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Note } from './aws/record.ts';
import type { QueueLength } from './engine/engine.ts';

export interface Metrics {
  observe: Note;
  /** @param lengths of the engine's queues, by reconciler */
  text(lengths: Map<string, QueueLength>): Promise<string>;
  contentType: string;
}

/** Counts and times of calls by API and operation, lengths of queues, and Node's own figures, in Prometheus' format. */
export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new Counter({
    name: 'slipway_calls_total',
    help: 'AWS API calls',
    labelNames: ['api', 'operation', 'status'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'slipway_call_seconds',
    help: 'Time to answer an AWS API call',
    labelNames: ['api'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const queue = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['reconciler'], registers: [registry] });
  const due = queue('slipway_queue_due', 'Wake-ups that are due, over all servers');
  const failing = queue('slipway_queue_failing', 'Keys whose last run failed, over all servers');
  return {
    observe({ api, operation, status, milliseconds }) {
      calls.inc({ api, operation, status });
      seconds.observe({ api }, milliseconds / 1000);
    },
    text(lengths) {
      due.reset();
      failing.reset();
      for (const [reconciler, length] of lengths) {
        due.set({ reconciler }, length.due);
        failing.set({ reconciler }, length.failing);
      }
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
