import { once } from 'node:events';
import { createServer, type RequestListener, type Server, request as send } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { type Balancer, makeBalancers } from './balancers.ts';
import { NEW } from './health.ts';
import type { BalancerPlan, GroupPlan, Health, TargetPlan } from './plan.ts';

const ADDRESS = '127.100.1.1';
const closing: (() => unknown)[] = [];
let balancer: Balancer;
let port: number;
let health: Map<string, Health['state']>;
let drained: string[];
let told: () => void;

async function freePort(): Promise<number> {
  const server = createTcp().listen(0, ADDRESS);
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}

async function target(answer: RequestListener): Promise<TargetPlan & { server: Server }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  await once(server, 'listening');
  const { port: at } = server.address() as AddressInfo;
  return { id: `t${at}`, address: '127.0.0.1', port: at, ours: false, health: NEW, server };
}

const group = (targets: TargetPlan[], more: Partial<GroupPlan> = {}): GroupPlan => ({
  ...{ id: 'g', targets, algorithm: 'round_robin', endsConnections: true },
  check: {
    enabled: true,
    protocol: 'HTTP',
    path: '/health',
    intervalMs: 5000,
    timeoutMs: 2000,
    healthyAfter: 2,
    unhealthyAfter: 2,
    matcher: '200',
  },
  ...more,
});
const plan = (groups: GroupPlan[], more: Partial<BalancerPlan> = {}): BalancerPlan => ({
  ...{ address: ADDRESS, name: 'web.elb.localhost', idleMs: 1000, keepAliveMs: 3_600_000 },
  ...{ forwardedFor: 'append', dropInvalidHeaders: false, groups },
  listeners: [
    {
      id: 'l',
      protocol: 'HTTP',
      port,
      rules: [{ conditions: [], action: { kind: 'forward', groups: [{ id: 'g', weight: 1 }] } }],
    },
  ],
  ...more,
});

beforeEach(async () => {
  port = await freePort();
  health = new Map();
  drained = [];
  told = () => {};
  balancer = makeBalancers({
    clock: systemClock,
    allowed: [],
    loopback: true,
    ownPorts: () => [],
  }).start({
    onHealth(_, id, now) {
      health.set(id, now.state);
      told();
    },
    onDrained(_, id) {
      drained.push(id);
      told();
    },
  });
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await balancer.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => (told = resolve));
}

interface Answer {
  status: number;
  body: string;
  cookies: string[];
}

function get(path = '/', headers: Record<string, string> = {}, host = ADDRESS): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  send({ host, port, path, headers, agent: false }, async (answer) => {
    let body = '';
    for await (const part of answer) body += part;
    resolve({ status: answer.statusCode ?? 0, body, cookies: answer.headers['set-cookie'] ?? [] });
  })
    .on('error', reject)
    .end();
  return promise;
}

/** What comes back for these bytes, until the connection ends. */
async function raw(bytes: string): Promise<string> {
  const socket = connect({ host: ADDRESS, port });
  socket.end(bytes);
  let text = '';
  for await (const part of socket) text += part;
  return text;
}

it('forwards to targets in turn, by its address and by its name', async () => {
  const [a, b] = [await target((_, r) => r.end('a')), await target((_, r) => r.end('b'))];
  expect(await balancer.apply(plan([group([a, b])]))).toEqual(new Map());
  await until(() => health.size === 2);
  expect([(await get()).body, (await get()).body].sort()).toEqual(['a', 'b']);
  const named = await get('/', { host: `web.elb.localhost:${port}` }, '127.0.0.1');
  expect(named.status).toBe(200);
});

it('streams bodies both ways', async () => {
  const echo = await target((q, r) => q.pipe(r));
  await balancer.apply(plan([group([echo])]));
  const { promise, resolve } = Promise.withResolvers<string>();
  const asked = send({ host: ADDRESS, port, method: 'POST', agent: false }, (answer) => {
    answer.once('data', (part) => resolve(String(part)));
    answer.resume();
  });
  asked.write('first');
  // It comes back while the request is still open.
  expect(await promise).toBe('first');
  asked.end();
});

it('keeps a client with its target by a cookie', async () => {
  const [a, b] = [await target((_, r) => r.end('a')), await target((_, r) => r.end('b'))];
  await balancer.apply(
    plan([group([a, b], { sticky: { cookie: 'AWSALB', seconds: 60, crossSite: true } })]),
  );
  const first = await get();
  const [cookie = ''] = first.cookies;
  expect(first.cookies.map((one) => one.split('=')[0])).toEqual(['AWSALB', 'AWSALBCORS']);
  for (let i = 0; i < 4; i++)
    expect((await get('/', { cookie: cookie.split(';')[0] ?? '' })).body).toBe(first.body);
});

it('answers as ALB does where there is no answer', async () => {
  expect((await balancer.apply(plan([group([])]))).size).toBe(0);
  expect((await get()).status).toBe(503);
  const broken = await target((q) => q.socket.destroy());
  await balancer.apply(plan([group([broken])]));
  expect((await get()).status).toBe(502);
  const silent = await target((q, r) => (q.url === '/health' ? r.end() : undefined));
  await balancer.apply(plan([group([silent])]));
  expect((await get()).status).toBe(504);
});

it('takes another target where one does not answer at all', async () => {
  const [a, b] = [await target((_, r) => r.end('a')), await target((_, r) => r.end('b'))];
  a.server.close();
  await once(a.server, 'close');
  await balancer.apply(plan([group([a, b])]));
  for (let i = 0; i < 4; i++) expect((await get()).body).toBe('b');
});

it('notes what is not well, and does not use it', async () => {
  const ill = await target((_, r) => r.writeHead(500).end('ill'));
  const well = await target((_, r) => r.end('well'));
  const quick = group([ill, well]);
  quick.check = { ...quick.check, intervalMs: 20, timeoutMs: 2000 };
  await balancer.apply(plan([quick]));
  await until(() => health.get(ill.id) === 'unhealthy' && health.get(well.id) === 'healthy');
  for (let i = 0; i < 4; i++) expect((await get()).body).toBe('well');
});

it('lets what is under way end where a target drains, and breaks it off when its time is over', async () => {
  const held: (() => void)[] = [];
  const arrived = Promise.withResolvers<void>();
  const slow = await target((q, r) => {
    if (q.url === '/health') return void r.end();
    held.push(() => r.end('done'));
    arrived.resolve();
  });
  const other = await target((_, r) => r.end('other'));
  await balancer.apply(plan([group([slow])]));
  const pending = get('/slow');
  await arrived.promise;
  const later = Date.now() + 60_000;
  await balancer.apply(plan([group([{ ...slow, drainsUntil: later }, other])]));
  for (let i = 0; i < 3; i++) expect((await get()).body).toBe('other');
  expect(drained).toEqual([]);
  for (const end of held) end();
  expect((await pending).body).toBe('done');
  await until(() => drained.length > 0);
  const again = { ...slow, id: 'again' };
  await balancer.apply(plan([group([again])]));
  const broken = get('/slow');
  const refused = expect(broken).rejects.toThrow();
  await until(() => health.get('again') === 'healthy');
  await balancer.apply(plan([group([{ ...again, drainsUntil: Date.now() }])]));
  await until(() => drained.includes('again'));
  await refused;
});

it('refuses requests that two readers would read in two ways', async () => {
  const seen: string[] = [];
  const all = await target((q, r) => {
    seen.push(q.url ?? '');
    r.end();
  });
  await balancer.apply(plan([group([all])]));
  const head = 'POST /x HTTP/1.1\r\nHost: a\r\n';
  for (const bytes of [
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
    `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
    `${head}Content-Length : 5\r\n\r\nhello`,
    `${head}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${head}Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 5\r\n\r\nhello`,
    'GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`,
  ])
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  expect(seen.filter((url) => url !== '/health')).toEqual([]);
});

it('hands a WebSocket on', async () => {
  const all = await target((_, r) => r.end());
  all.server.on('upgrade', (_, socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    );
    socket.pipe(socket);
  });
  await balancer.apply(plan([group([all])]));
  const socket = connect({ host: ADDRESS, port });
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  const [head] = await once(socket, 'data');
  expect(String(head)).toMatch(/^HTTP\/1\.1 101 /);
  socket.write('ping');
  expect(String((await once(socket, 'data'))[0])).toBe('ping');
  socket.destroy();
});

it('pipes TCP, and says why a port cannot be opened', async () => {
  const all = await target((_, r) => r.end('by tcp'));
  const tcp = (at: number): Partial<BalancerPlan> => ({
    listeners: [{ id: 'l', protocol: 'TCP', port: at, rules: plan([]).listeners[0]?.rules ?? [] }],
  });
  expect((await balancer.apply(plan([group([all])], tcp(port)))).size).toBe(0);
  expect((await get()).body).toBe('by tcp');
  const taken = createTcp().listen(0, ADDRESS);
  await once(taken, 'listening');
  closing.push(() => taken.close());
  const at = (taken.address() as AddressInfo).port;
  const problems = await balancer.apply(plan([group([all])], tcp(at)));
  expect(problems.get('l')).toBe(`port ${at} of ${ADDRESS} is in use by another program`);
});

it('follows a new address and new times', async () => {
  const all = await target((_, r) => r.end('here'));
  await balancer.apply(plan([group([all])]));
  const open = connect({ host: ADDRESS, port });
  await once(open, 'connect');
  await balancer.apply(plan([group([all])], { idleMs: 2000 }));
  // What is open stays so: nothing was opened anew.
  open.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(String((await once(open, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
  // The next time holds from the next request on, at its name too.
  const named = connect({ host: '127.0.0.1', port });
  await balancer.apply(plan([group([all])], { idleMs: 30 }));
  const ended = [open, named].map((socket) => once(socket, 'close'));
  for (const socket of [open, named])
    socket.resume().write('GET / HTTP/1.1\r\nHost: web.elb.localhost\r\n\r\n');
  await Promise.all(ended);
  await balancer.apply(plan([group([all])], { address: '127.100.1.9' }));
  expect((await get('/', {}, '127.100.1.9')).body).toBe('here');
  await expect(get()).rejects.toThrow();
});
