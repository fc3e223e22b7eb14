import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../lib/clock.ts';
import { makeBodyBudget } from './auth/body-budget.ts';
import { rootPrincipal } from './auth/root.ts';
import { accessKey, signedRequest, storeOf } from './auth/testing.ts';
import type { WireRequest } from './http.ts';
import { HttpError } from './http-error.ts';
import { makeHttpServer } from './http-server.ts';
import type { AuthorizationQuery } from './principal.ts';
import { type CallRecord, makeRecorder } from './record.ts';
import type { Identity } from './route-identity.ts';
import { makeRoutes, type Route } from './routes.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const caller = { principal: rootPrincipal('111111111111'), region: 'eu-west-1' };
const knows = (token: string) => async (_: unknown, given: { token: string }) =>
  given.token === token ? caller : undefined;

/** A table with one route, `GET /things/{name}`. */
function served(route: Partial<Route<string>>, { mode = 'strict', allowed = true } = {}) {
  const records: CallRecord[] = [];
  const asked: AuthorizationQuery[] = [];
  const failures: unknown[] = [];
  const routes = makeRoutes<string>({
    routes: [
      {
        ...{ api: 'toy', operation: 'GetThing', methods: ['GET', 'HEAD'], path: '/things/{name}' },
        identity: { by: 'none' },
        subject: async (_, { labels }) => ({
          resource: `arn:aws:toy:::thing/${labels.name}`,
          region: 'eu-west-2',
          subject: `the thing ${labels.name}`,
        }),
        handle: async (platform, { subject }) => {
          const body = `${platform} has ${subject}`;
          return { status: 200, headers: {}, body };
        },
        ...route,
      },
    ],
    platform: () => 'the server',
    authorizer: {
      faultOf: () => undefined,
      async decide(query) {
        asked.push(query);
        return allowed
          ? { allowed: true }
          : {
              allowed: false,
              explicit: false,
              by: 'identity',
              resource: String(query.resources[0]),
            };
      },
    },
    credentials: storeOf(accessKey()),
    mode: mode as 'strict' | 'relaxed',
    defaults: { accountId: '000000000000', region: 'us-east-1' },
    clock: new ManualClock(NOW),
    budget: makeBodyBudget(),
    record: makeRecorder(new ManualClock(NOW), [(record) => records.push(record)]),
    unexpected: (error) => failures.push(error),
  });
  return { routes, records, asked, failures };
}

function get(headers: Record<string, string> = {}, method = 'GET'): WireRequest {
  return {
    ...{ method, path: '/things/a', query: '', headers: { host: 'localhost', ...headers } },
    ...{ body: Readable.from([]), endpoint: 'http://localhost', remoteAddress: '127.0.0.1' },
  };
}

const basic = (pair: string) => ({
  authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
});

const IDENTITIES: [string, Identity<string>, Record<string, string>, Record<string, string>][] = [
  [
    'basic',
    {
      by: 'basic',
      realm: 'Toy',
      find: async (_, { userName, password }) =>
        userName === 'mary' && password === 'a:b' ? caller : undefined,
    },
    basic('mary:a:b'),
    basic('mary:a'),
  ],
  [
    'bearer',
    { by: 'bearer', find: knows('abc.d-e=') },
    { authorization: 'Bearer abc.d-e=' },
    { authorization: 'Bearer abc' },
  ],
  [
    'cookie',
    { by: 'cookie', name: () => 'session', find: knows('s=1') },
    { cookie: 'other=session; session=s=1; session=2' },
    { cookie: 'xsession=s=1; session=2' },
  ],
];

describe.each(IDENTITIES)('identity by %s', (by, identity, right, wrong) => {
  test('lets through whoever shows the right thing, as far as IAM allows', async () => {
    const { routes, records, asked } = served({ identity });
    const answer = await routes.serve(get(right));
    expect(answer).toMatchObject({ status: 200, body: 'the server has the thing a' });
    expect(asked).toMatchObject([
      {
        ...{ action: 'toy:GetThing', resources: ['arn:aws:toy:::thing/a'] },
        principal: caller.principal,
        conditions: { 'aws:requestedregion': 'eu-west-2', 'aws:sourceip': '127.0.0.1' },
      },
    ]);
    expect(records).toMatchObject([
      {
        ...{ api: 'toy', operation: 'GetThing', status: 200, region: 'eu-west-2' },
        principal: caller.principal,
      },
    ]);
  });

  test.each([
    ['nothing', {}],
    ['the wrong thing', wrong],
    ['something unreadable', { authorization: 'Basic !', cookie: ';;=;' }],
  ])('401 for %s, before IAM is asked', async (_what, headers) => {
    const { routes, records, asked } = served({ identity });
    const answer = await routes.serve(get(headers));
    expect(answer?.status).toBe(401);
    expect(answer?.headers['www-authenticate']).toBe(
      { basic: 'Basic realm="Toy"', bearer: 'Bearer' }[by],
    );
    expect(asked).toEqual([]);
    expect(records).toMatchObject([{ status: 401, errorCode: '401', operation: 'GetThing' }]);
  });

  test('403 where IAM says no, and the handler never runs', async () => {
    const handle = () => Promise.reject(new Error('must not run'));
    const { routes, failures, records } = served({ identity, handle }, { allowed: false });
    expect((await routes.serve(get(right)))?.status).toBe(403);
    expect(failures).toEqual([]);
    expect(records).toMatchObject([{ status: 403, principal: caller.principal }]);
  });
});

describe('identity by sigv4', () => {
  const identity = { by: 'sigv4', signingName: 'toy' } as const;

  test('is the signature of an AWS request', async () => {
    const { routes, asked } = served({ identity });
    const signed = await signedRequest('toy', { path: '/things/a' }, NOW);
    expect((await routes.serve(signed))?.status).toBe(200);
    expect(asked[0]?.principal).toEqual(accessKey().principal);
  });

  test('for this service, unchanged, and there at all', async () => {
    const { routes, asked } = served({ identity });
    const other = await signedRequest('codebuild', { path: '/things/a' }, NOW);
    const moved = await signedRequest('toy', { path: '/things/b' }, NOW);
    const asks = [other, { ...moved, path: '/things/a' }, get()];
    const answers = await Promise.all(asks.map((one) => routes.serve(one)));
    expect(answers.map((answer) => answer?.status)).toEqual([403, 403, 403]);
    expect(asked).toEqual([]);
  });
});

test('a signature covers the body that the route reads', async () => {
  const { routes } = served({
    methods: ['POST'],
    identity: { by: 'sigv4', signingName: 'toy' },
    handle: async (_, { request }) => {
      const body = Buffer.concat(await request.body.toArray());
      return { status: 200, headers: {}, body };
    },
  });
  const signed = await signedRequest('toy', { method: 'POST', path: '/things/a', body: 'x' }, NOW);
  expect(String((await routes.serve(signed))?.body)).toBe('x');
  const again = await signedRequest('toy', { method: 'POST', path: '/things/a', body: 'x' }, NOW);
  const changed = { ...again, body: Readable.from([Buffer.from('y')]) };
  expect((await routes.serve(changed))?.status).toBe(403);
});

test('a route that names no resource asks about all', async () => {
  const identity: Identity<string> = { by: 'bearer', find: knows('t') };
  const subject = async () => ({ resource: [], subject: '' });
  const { routes, asked } = served({ identity, subject });
  await routes.serve(get({ authorization: 'Bearer t' }));
  expect(asked).toMatchObject([{ resources: ['*'] }]);
});

test('a relaxed server lets the route say who it is that says nothing', async () => {
  const find = async (_: string, { token }: { token: string }) =>
    token === '' ? caller : undefined;
  const { routes } = served({ identity: { by: 'bearer', find } }, { mode: 'relaxed' });
  expect((await routes.serve(get()))?.status).toBe(200);
});

test('a route that asks who calls must say what IAM is asked', () => {
  const identity = { by: 'bearer', find: knows('') } as const;
  expect(() => served({ identity, subject: undefined })).toThrow(/nobody whether he may/);
});

test('what a request is not is said before anybody is asked who he is', async () => {
  const find = () => Promise.reject(new Error('must not be asked'));
  const operation = () => {
    throw new HttpError(415, 'Another type is required.');
  };
  const { routes, failures } = served({ identity: { by: 'bearer', find }, operation });
  expect(await routes.serve(get())).toMatchObject({
    status: 415,
    body: 'Another type is required.\n',
  });
  expect(failures).toEqual([]);
});

test('a failure of ours tells no more than a number, and is told to us', async () => {
  const secret = new Error('a path of this machine');
  const { routes, failures, records } = served({ handle: () => Promise.reject(secret) });
  const answer = await routes.serve(get());
  expect(answer).toMatchObject({ status: 500, body: `Internal error ${records[0]?.requestId}\n` });
  expect(failures).toEqual([secret]);
});

test('HEAD has no body, and other paths are none of ours', async () => {
  const { routes } = served({});
  expect((await routes.serve(get({}, 'HEAD')))?.body).toBeUndefined();
  expect(routes.serve({ ...get(), path: '/thing/a' })).toBeUndefined();
});

describe('a connection that is taken over', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  async function listening(route: Partial<Route<string>>, options = {}) {
    const table = served(route, options);
    const { tcp } = makeHttpServer({
      handle: async () => ({ status: 200, headers: {}, body: 'plain' }),
      upgrades: (request) => table.routes.upgrades(request),
      upgrade: (request, socket, head) => table.routes.upgrade(request, socket, head),
      tls: () => Promise.reject(new Error('no TLS here')),
      failed: (error) => table.failures.push(error),
    });
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    closing.push(() => tcp.close());
    return { ...table, port: (tcp.address() as AddressInfo).port };
  }

  /** Asks for a WebSocket. */
  function ask(port: number, path: string, headers: Record<string, string> = {}) {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    const asked = httpRequest({ port, path, headers: { ...upgrade, ...headers } });
    asked.end();
    return asked;
  }

  const upgrade: Route<string>['upgrade'] = async (_platform, { subject }, socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    socket.write(`${subject}: `);
    socket.on('data', (data) => socket.end(data));
  };
  const identity: Identity<string> = { by: 'bearer', find: knows('t') };
  const bearer = { authorization: 'Bearer t' };

  test('is its route’s, with what IAM allowed', async () => {
    const { port, records } = await listening({ identity, upgrade });
    const [, socket, head] = await once(ask(port, '/things/a', bearer), 'upgrade');
    socket.write('hello');
    expect(head + (await socket.toArray()).join('')).toBe('the thing a: hello');
    expect(records).toMatchObject([{ operation: 'GetThing', status: 101 }]);
  });

  async function refusal(asked: ReturnType<typeof ask>): Promise<[number | undefined, string]> {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return [response.statusCode, (await response.toArray()).join('')];
  }

  test('is refused to whoever may not', async () => {
    const { port } = await listening({ identity, upgrade }, { allowed: false });
    expect(await refusal(ask(port, '/things/a'))).toEqual([401, 'Unauthorized\n']);
    expect((await refusal(ask(port, '/things/a', bearer)))[0]).toBe(403);
  });

  test('is not where no route takes it: the request is answered as any other', async () => {
    const { port } = await listening({ identity, upgrade });
    expect(await refusal(ask(port, '/elsewhere'))).toEqual([200, 'plain']);
    const without = await listening({ identity });
    expect(await refusal(ask(without.port, '/things/a', bearer))).toEqual([200, 'plain']);
  });

  test('ends when its route fails, with nothing in the middle of what was said', async () => {
    const failing: Route<string>['upgrade'] = async (...call) => {
      await upgrade(...call);
      throw new Error('broken');
    };
    const { port, failures } = await listening({ identity, upgrade: failing });
    const asked = ask(port, '/things/a', bearer);
    const ended = Promise.race([once(asked, 'error'), once(asked, 'upgrade')]);
    const [socket] = (await ended).slice(1);
    const said = socket ? (await socket.toArray().catch(() => [])).join('') : '';
    expect(said).not.toContain('HTTP/1.1 500');
    expect(failures).toEqual([expect.objectContaining({ message: 'broken' })]);
  });
});
