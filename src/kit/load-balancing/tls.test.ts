import { once } from 'node:events';
import { createServer as createSecureServer, request as send } from 'node:https';
import { type AddressInfo, connect as connectTcp, createServer as createTcp } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { type Balancer, makeBalancers } from '../../network/balancing/balancers.ts';
import { NEW } from '../../network/balancing/health.ts';
import type {
  BalancerPlan,
  GroupPlan,
  ListenerPlan,
  TlsRules,
} from '../../network/balancing/plan.ts';
import { testCertificate } from '../../testing/test-certificate.ts';
import { SSL_POLICIES, tlsRulesOf } from './ssl-policies.ts';

const ADDRESS = '127.100.1.2';
const [first, second] = [testCertificate('a.test'), testCertificate('*.b.test')];
const certificates = [first, second].map(({ cert, key }) => ({ chain: cert, key }));
const balancers = makeBalancers({
  ...{ clock: systemClock, allowed: [], loopback: true, ownPorts: () => [] },
});
// What it answers says over what it was asked, and what the balancer said of the client.
const target = createSecureServer({ cert: first.cert, key: first.key }, (request, response) =>
  response.end(`${request.headers['x-forwarded-proto']} ${request.headers['x-forwarded-port']}`),
);
let port: number;
let tcpPort: number;
let balancer: Balancer;
let healthy: Promise<unknown>;

async function freePort(): Promise<number> {
  const server = createTcp().listen(0, ADDRESS);
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}

const policy = (name: string): TlsRules => {
  const found = SSL_POLICIES.find((one) => one.name === `ELBSecurityPolicy-${name}`);
  if (!found) throw new Error(`no policy ${name}`);
  return tlsRulesOf(found);
};

const forward: ListenerPlan['rules'] = [
  { conditions: [], action: { kind: 'forward', groups: [{ id: 'g', weight: 1 }] } },
];

function plan(name: string, more: Partial<ListenerPlan> = {}): BalancerPlan {
  const { port: at } = target.address() as AddressInfo;
  const check = { enabled: true, protocol: 'HTTPS' as const, path: '/', matcher: '200' };
  const group: GroupPlan = {
    ...{ id: 'g', secure: true, algorithm: 'round_robin', endsConnections: true },
    targets: [{ id: 't', address: '127.0.0.1', port: at, ours: false, health: NEW }],
    check: { ...check, intervalMs: 5000, timeoutMs: 2000, healthyAfter: 2, unhealthyAfter: 2 },
  };
  const tls = { ...policy(name), certificates };
  return {
    ...{ address: ADDRESS, name: 'tls.elb.localhost', idleMs: 1000, keepAliveMs: 3_600_000 },
    ...{ forwardedFor: 'append', dropInvalidHeaders: false, groups: [group] },
    listeners: [
      { id: 'https', protocol: 'HTTPS', port, tls, rules: forward, ...more },
      { id: 'tls', protocol: 'TLS', port: tcpPort, tls, rules: forward },
    ],
  };
}

beforeAll(async () => {
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  [port, tcpPort] = [await freePort(), await freePort()];
  const { promise, resolve } = Promise.withResolvers<unknown>();
  healthy = promise;
  balancer = balancers.start({
    onHealth: (_group, _target, { state }) => (state === 'healthy' ? resolve(true) : undefined),
    onDrained: () => {},
  });
  expect(await balancer.apply(plan('2016-08'))).toEqual(new Map());
});
afterAll(async () => {
  await balancer.close();
  target.closeAllConnections();
  target.close();
});

/** Handshakes as a client says. @returns the subject of what the listener shows, the version and the cipher */
async function shake(options: ConnectionOptions, at = port, host = ADDRESS): Promise<string[]> {
  const socket: TLSSocket = connect({ host, port: at, rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    return [String(CN), socket.getProtocol() ?? '', socket.getCipher().name];
  } finally {
    socket.destroy();
  }
}

async function get(at: number, servername = 'a.test', host = ADDRESS) {
  const headers = { host: servername };
  const asked = send({ host, port: at, servername, headers, agent: false, ca: [first.cert] });
  asked.end();
  const [answer] = await once(asked, 'response');
  let body = '';
  for await (const part of answer) body += part;
  return { body, headers: answer.headers as Record<string, string | undefined> };
}

it('shows each client the certificate for the server that it names, and else the first', async () => {
  expect((await shake({ servername: 'a.test' }))[0]).toBe('a.test');
  expect((await shake({ servername: 'x.b.test' }))[0]).toBe('*.b.test');
  expect((await shake({ servername: 'nobody.test' }))[0]).toBe('a.test');
  expect((await shake({}))[0]).toBe('a.test');
  // At 127.0.0.1, where all have the port, it is found by that too.
  expect((await shake({ servername: 'x.b.test' }, port, '127.0.0.1'))[0]).toBe('*.b.test');
});

it('forwards over TLS what came over TLS, says so, and checks health over it', async () => {
  await healthy;
  expect((await get(port)).body).toBe(`https ${port}`);
  // Byte by byte: of requests it knows nothing.
  expect((await get(tcpPort)).body).toBe('undefined undefined');
  expect((await get(port, 'a.test', '127.0.0.1')).body).toBe(`https ${port}`);
});

it.each([
  ['2016-08', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'TLSv1'],
  ['2016-08', { minVersion: 'TLSv1.3' }, undefined],
  ['TLS13-1-2-2021-06', {}, 'TLSv1.3'],
  ['TLS13-1-2-2021-06', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
  ['TLS13-1-2-2021-06', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, undefined],
  ['TLS-1-2-2017-01', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, 'TLSv1.2'],
  ['TLS13-1-3-2021-06', { maxVersion: 'TLSv1.2' }, undefined],
] as [string, ConnectionOptions, string | undefined][])(
  'speaks what the policy %s says: %j',
  async (name, client, version) => {
    expect(await balancer.apply(plan(name))).toEqual(new Map());
    const shaken = shake(client).then(([, found]) => found);
    if (version === undefined) await expect(shaken).rejects.toThrow();
    else expect(await shaken).toBe(version);
  },
);

it('sets the headers of answers that it is told, whatever the target says, and hides what made it', async () => {
  const answerHeaders = [{ name: 'strict-transport-security', value: 'max-age=1' }];
  await balancer.apply(plan('2016-08', { answerHeaders, hidesServer: true }));
  const { headers } = await get(port);
  expect(headers['strict-transport-security']).toBe('max-age=1');
  const fixed: ListenerPlan['rules'] = [
    { conditions: [], action: { kind: 'fixed', status: 200, contentType: undefined, body: 'x' } },
  ];
  await balancer.apply(plan('2016-08', { rules: fixed }));
  expect((await get(port)).headers.server).toBe('awselb/2.0');
  await balancer.apply(plan('2016-08', { rules: fixed, answerHeaders, hidesServer: true }));
  const own = (await get(port)).headers;
  expect(own.server).toBeUndefined();
  expect(own['strict-transport-security']).toBe('max-age=1');
});

it('says why a certificate cannot be used, and leaves the others open', async () => {
  const broken = { ...policy('2016-08'), certificates: [{ chain: first.cert, key: second.key }] };
  const problems = await balancer.apply(plan('2016-08', { tls: broken }));
  expect([...problems.keys()]).toEqual(['https']);
  expect(problems.get('https')).toContain('its certificate cannot be used');
  expect((await shake({}, tcpPort))[0]).toBe('a.test');
});

it('speaks to each of two at 127.0.0.1 by its own policy and certificate, and of one that is gone no more', async () => {
  const own = testCertificate('c.test');
  const of = (name: string, address: string, policies: string, more: typeof certificates) => {
    const tls = { ...policy(policies), certificates: more };
    const all = { ...plan(policies, { tls }), address, name };
    return { ...all, listeners: all.listeners.slice(0, 1) };
  };
  const events = { onHealth: () => {}, onDrained: () => {} };
  const [one, two] = [balancers.start(events), balancers.start(events)];
  const at = port;
  port = await freePort();
  try {
    const onlyNew = of('one.elb.localhost', '127.100.1.3', 'TLS13-1-3-2021-06', certificates);
    await one.apply(onlyNew);
    const third = [{ chain: own.cert, key: own.key }];
    await two.apply(of('two.elb.localhost', '127.100.1.4', 'TLS-1-2-2017-01', third));
    const home = (servername: string) => shake({ servername }, port, '127.0.0.1');
    expect((await home('one.elb.localhost')).slice(0, 2)).toEqual(['a.test', 'TLSv1.3']);
    expect((await home('two.elb.localhost')).slice(0, 2)).toEqual(['c.test', 'TLSv1.2']);
    expect((await home('x.b.test'))[0]).toBe('*.b.test');
    // Nobody is meant where several are there: no other's certificate is shown.
    await expect(home('nobody.test')).rejects.toThrow();
    const headers = { host: `two.elb.localhost:${port}` };
    const to = { host: '127.0.0.1', port, servername: 'one.elb.localhost', headers };
    const asked = send({ ...to, agent: false, rejectUnauthorized: false }).end();
    const [misdirected] = await once(asked, 'response');
    misdirected.resume();
    expect(misdirected.statusCode).toBe(421);
    await one.close();
    expect((await home('nobody.test')).slice(0, 2)).toEqual(['c.test', 'TLSv1.2']);
  } finally {
    port = at;
    await Promise.all([one.close(), two.close()]);
  }
});

it('goes on as before with a listener whose new certificate is of no use', async () => {
  await balancer.apply(plan('2016-08'));
  const none = { ...policy('2016-08'), certificates: [] };
  const problems = await balancer.apply(plan('2016-08', { tls: none }));
  expect(problems.get('https')).toBe('its certificate cannot be used: there is none');
  expect((await shake({}))[0]).toBe('a.test');
});

it('counts out a client that goes before its target is connected', async () => {
  const silent = createTcp().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const gone = Promise.withResolvers<string>();
  const shy = balancers.start({ onHealth: () => {}, onDrained: (_, id) => gone.resolve(id) });
  const all = plan('2016-08');
  const at = { address: '127.0.0.1', port: (silent.address() as AddressInfo).port };
  // It is connected once it has shaken hands, which it never does.
  const of = (drainsUntil?: number): BalancerPlan => ({
    ...{ ...all, address: '127.100.1.5', listeners: all.listeners.slice(1) },
    groups: all.groups.map((one) => ({
      ...{ ...one, check: { ...one.check, enabled: false } },
      targets: [{ id: 't', ours: false, health: NEW, ...at, ...(drainsUntil && { drainsUntil }) }],
    })),
  });
  try {
    await shy.apply(of());
    const raw = connectTcp({ host: '127.100.1.5', port: tcpPort });
    const taken = once(silent, 'connection');
    connect({ socket: raw, rejectUnauthorized: false }).on('error', () => {});
    await taken;
    raw.resetAndDestroy();
    await shy.apply(of(Date.now() + 600_000));
    expect(await gone.promise).toBe('t');
  } finally {
    silent.close();
    await shy.close();
  }
});
