import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CallRecord } from './aws/dispatcher.ts';
import type { WireResponse } from './aws/http.ts';
import type { QueueLength } from './engine/engine.ts';
import type { Platform, Route } from './kit/service.ts';
import { outageOf } from './lib/outage.ts';

/** Slipway's own paths on the port: health, metrics, the engine, the CA's certificate, and an answer at `/` for whoever only asks whether somebody is there. */
export function makeAdminRoutes(metrics: Metrics): Route[] {
  return [
    page('/_slipway/health', 'Health', health),
    page('/_localstack/health', 'Health', health),
    page('/_slipway/ca.pem', 'CaCertificate', caCertificate),
    page('/_slipway/metrics', 'Metrics', async ({ engine }) =>
      text(200, await metrics.text(await lengthsOf(engine)), metrics.contentType),
    ),
    engineRoute,
    {
      ...page('/', 'Greeting', async () =>
        text(200, 'Slipway is here. Point AWS_ENDPOINT_URL at it.\n', 'text/plain'),
      ),
      methods: ['GET', 'HEAD'],
      // With either it is a call: ListBuckets, or one of a Query API.
      when: ({ headers, query }) => headers.authorization === undefined && query === '',
    },
    // All else below Slipway's own paths: S3 would take them for a bucket's.
    { ...nothing, path: '/_slipway' },
    { ...nothing, path: '/_slipway/{rest*}' },
  ];
}

function page(
  path: string,
  operation: string,
  answer: (platform: Platform) => Promise<WireResponse>,
): Route {
  return {
    ...{ api: 'slipway', operation, methods: ['GET'], path },
    identity: { by: 'none' },
    handle: answer,
  };
}

/**
 * How durable work goes. Keys name resources of every account, and errors what they do: so it is for those whom the
 * account lets that the server was started for, and for nobody else's root.
 */
const engineRoute: Route = {
  ...{ api: 'slipway', operation: 'DescribeEngine', methods: ['GET'], path: '/_slipway/engine' },
  identity: { by: 'sigv4', signingName: 'slipway' },
  async subject({ config: { accountId, region } }) {
    const resource = `arn:aws:slipway:${region}:${accountId}:engine`;
    return { resource, owner: accountId, subject: undefined };
  },
  async handle({ engine }) {
    const answer = text(200, JSON.stringify(await engine.status()), 'application/json');
    return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } };
  },
};

/** None where the database is away: the other metrics are there all the same. */
async function lengthsOf(engine: Platform['engine']): Promise<Map<string, QueueLength>> {
  try {
    return await engine.lengths();
  } catch (error) {
    if (outageOf(error)) return new Map();
    throw error;
  }
}

const nothing: Omit<Route, 'path'> = {
  ...{ api: 'slipway', operation: 'Unknown' },
  identity: { by: 'none' },
  async handle(_platform, { request: { path } }) {
    const sentence = /^\/_slipway\/console(?:\/|$)/.test(path)
      ? 'There is no console yet: its addresses are where it will be. The aws command shows what they stand for.'
      : path === '/_slipway/reset'
        ? 'A server is reset by POST, and only with --auth relaxed --data :memory:.'
        : 'There is nothing here. Slipway has /_slipway/health, /_slipway/metrics, /_slipway/engine and /_slipway/ca.pem.';
    return text(404, `${sentence}\n`, 'text/plain');
  },
};

/** The certificate of the server's CA: what host agents verify deployment specifications with. */
async function caCertificate({ config }: Platform): Promise<WireResponse> {
  // Few servers are asked for it: what makes certificates is loaded then.
  const { certificateAuthority } = await import('./lib/certificates.ts');
  return text(200, certificateAuthority(config.dataDir).pem, 'application/x-pem-file');
}

/** 200 when the database answers, 503 when it does not; and where builds run. */
async function health({ db, dialect, executors, config }: Platform): Promise<WireResponse> {
  const [builds, ...others] = await Promise.all(
    executors.all.map(async (one) => ({ executor: one.kind, isolation: await one.isolation() })),
  );
  const facts = { database: dialect, auth: config.auth, builds, others };
  try {
    await db.selectNoFrom((e) => e.lit(1).as('one')).execute();
    return text(200, JSON.stringify({ status: 'running', ...facts }), 'application/json');
  } catch (error) {
    // Anybody may ask: no address, no name of the database.
    const reason = outageOf(error)?.reason ?? 'its database refuses to be read';
    return text(503, JSON.stringify({ status: 'failing', ...facts, reason }), 'application/json');
  }
}

function text(status: number, body: string, contentType: string): WireResponse {
  return { status, headers: { 'content-type': contentType }, body };
}

export interface Metrics {
  observe(record: CallRecord): void;
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
