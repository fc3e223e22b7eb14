import type { WireResponse } from './aws/http.ts';
import type { QueueLength } from './engine/engine.ts';
import type { Platform, Route } from './kit/service.ts';
import { DatabaseGoneError } from './lib/database-gone.ts';
import { outageOf } from './lib/outage.ts';
import type { Metrics } from './metrics.ts';

/** How long the database may take to answer: one behind a broken network neither answers nor refuses. */
const ANSWER_MS = 5_000;

/** Slipway's own paths on the port: health, metrics, the engine, the CA's certificate, and an answer at `/` for whoever only asks whether somebody is there. */
export function makeAdminRoutes(metrics: Metrics): Route[] {
  return [
    page('/_slipway/health', 'Health', health),
    page('/_localstack/health', 'Health', health),
    page('/_slipway/ca.pem', 'CaCertificate', caCertificate),
    page('/_slipway/metrics', 'Metrics', async (platform) =>
      text(200, await metrics.text(await lengthsOf(platform)), metrics.contentType),
    ),
    engineRoute,
    {
      ...{ api: 'slipway', operation: 'Greeting', path: '/' },
      identity: { by: 'none' },
      async handle(_platform, { request: { headers } }): Promise<WireResponse> {
        // A browser is led to the console.
        if (/\btext\/html\b/.test(headers.accept ?? ''))
          return {
            status: 302,
            headers: { location: '/_slipway/console/', vary: 'accept' },
            body: '',
          };
        const greeting = text(
          200,
          'Slipway is here. Point AWS_ENDPOINT_URL at it.\n',
          'text/plain',
        );
        return { ...greeting, headers: { ...greeting.headers, vary: 'accept' } };
      },
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
  async handle(platform) {
    const status = await inTime(platform, platform.engine.status());
    const answer = text(200, JSON.stringify(status), 'application/json');
    return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } };
  },
};

/** None where the database is away: the other metrics are there all the same. */
async function lengthsOf(platform: Platform): Promise<Map<string, QueueLength>> {
  try {
    return await inTime(platform, platform.engine.lengths());
  } catch (error) {
    if (outageOf(error)) return new Map();
    throw error;
  }
}

const nothing: Omit<Route, 'path'> = {
  ...{ api: 'slipway', operation: 'Unknown' },
  identity: { by: 'none' },
  async handle(_platform, { request: { path } }) {
    const sentence =
      path === '/_slipway/reset'
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
async function health(platform: Platform): Promise<WireResponse> {
  const { db, dialect, executors, config } = platform;
  const [builds, ...others] = await Promise.all(
    executors.all.map(async (one) => ({ executor: one.kind, isolation: await one.isolation() })),
  );
  const facts = { database: dialect, auth: config.auth, builds, others, ssh: platform.ssh() };
  try {
    await inTime(platform, db.selectNoFrom((e) => e.lit(1).as('one')).execute());
    return text(200, JSON.stringify({ status: 'running', ...facts }), 'application/json');
  } catch (error) {
    // Anybody may ask: no address, no name of the database.
    const reason = outageOf(error)?.reason ?? 'its database refuses to be read';
    return text(503, JSON.stringify({ status: 'failing', ...facts, reason }), 'application/json');
  }
}

/** @throws DatabaseGoneError when what was asked of the database takes too long */
async function inTime<T>({ clock }: Platform, asked: Promise<T>): Promise<T> {
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    const gone = () => reject(new DatabaseGoneError(new Error('it took too long')));
    cancel = clock.at(new Date(clock.now().getTime() + ANSWER_MS), gone);
  });
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    cancel();
  }
}

function text(status: number, body: string, contentType: string): WireResponse {
  return { status, headers: { 'content-type': contentType }, body };
}
