import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { available, byKey, byWeight, chooseTarget } from './choose.ts';
import { cookieIn, refusalOf, toTarget, traceHeader } from './headers.ts';
import { afterCheck, isMatcher, matchesStatus, NEW } from './health.ts';
import type { Action, Condition, Health } from './plan.ts';
import { makeTargetReach } from './reach.ts';
import { compileRules, locationOf, type RequestView } from './rules.ts';

const request = (
  more: Partial<RequestView> & { headers?: Record<string, string[]> } = {},
): RequestView => ({
  ...{ method: 'GET', host: 'www.example.com', path: '/', query: '', sourceIp: '127.0.0.1' },
  header: (name) => new Map(Object.entries(more.headers ?? {})).get(name) ?? [],
  ...more,
});
const YES: Action = { kind: 'fixed', status: 200, contentType: undefined, body: '' };
const holds = (conditions: Condition[], view: RequestView) =>
  compileRules([{ conditions, action: YES }])(view) === YES;

describe('rules', () => {
  const path = (...values: string[]): Condition => ({ kind: 'path', values });
  const host = (...values: string[]): Condition => ({ kind: 'host', values });
  const query = (value: string, key?: string): Condition => ({
    kind: 'query',
    values: [{ key, value }],
  });

  test.each<
    [string, Condition, Partial<RequestView> & { headers?: Record<string, string[]> }, boolean]
  >([
    ['a host without regard to case', host('WWW.example.com'), {}, true],
    ['a host by a wildcard', host('*.example.com'), {}, true],
    ['another host', host('example.com'), {}, false],
    ['a path', path('/img/*'), { path: '/img/a/b.png' }, true],
    ['a path with regard to case', path('/IMG/*'), { path: '/img/a' }, false],
    ['one character', path('/a?c'), { path: '/abc' }, true],
    ['one character and not two', path('/a?c'), { path: '/abbc' }, false],
    ['a star that is one', path('/a\\*'), { path: '/ab' }, false],
    ['the second of two', path('/x', '/y'), { path: '/y' }, true],
    ['a method', { kind: 'method', values: ['POST'] }, { method: 'POST' }, true],
    ['another method', { kind: 'method', values: ['POST'] }, {}, false],
    [
      'a header',
      { kind: 'header', name: 'X-A', values: ['B*'] },
      { headers: { 'x-a': ['z', 'bc'] } },
      true,
    ],
    ['no header', { kind: 'header', name: 'X-A', values: ['*'] }, {}, false],
    ['a query', query('b', 'a'), { query: 'x=1&a=b' }, true],
    ['a value of any key', query('B'), { query: 'x=b' }, true],
    ['another value', query('c', 'a'), { query: 'a=b' }, false],
    ['a source', { kind: 'source', blocks: ['127.0.0.0/8'] }, {}, true],
    ['another source', { kind: 'source', blocks: ['10.0.0.0/8'] }, {}, false],
  ])('know %s', (_, condition, view, expected) => {
    expect(holds([condition], request(view))).toBe(expected);
  });

  it('are tried in order, and need all their conditions', () => {
    const second: Action = { ...YES, status: 404 };
    const route = compileRules([
      { conditions: [path('/a'), host('other')], action: YES },
      { conditions: [], action: second },
    ]);
    expect(route(request({ path: '/a' }))).toBe(second);
    expect(route(request({ path: '/a', host: 'other' }))).toBe(YES);
  });

  it('redirect with what they keep of the request', () => {
    const action = {
      ...{
        kind: 'redirect' as const,
        status: 301 as const,
        protocol: 'HTTPS',
        host: 'new.#{host}',
      },
      ...{ port: '443', path: '/v2/#{path}', query: '#{query}' },
    };
    const of = { protocol: 'http', host: 'a.b', port: 80, path: '/x/y', query: 'q=#{port}' };
    expect(locationOf(action, of)).toBe('https://new.a.b:443/v2/x/y?q=#{port}');
  });
});

describe('choices', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 5 });

  it('never fall on a weight of 0, and follow the weights', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 0.999999, noNaN: true }), (all, random) => {
        const chosen = byWeight(
          all.map((weight) => ({ weight })),
          random,
        );
        expect(chosen === undefined).toBe(all.every((weight) => weight === 0));
        if (chosen) expect(chosen.weight).toBeGreaterThan(0);
      }),
    );
    const chosen = Array.from({ length: 1000 }, (_, i) =>
      byWeight([{ weight: 3 }, { weight: 1 }], i / 1000),
    );
    const counts = [3, 1].map((weight) => chosen.filter((one) => one?.weight === weight).length);
    expect(counts).toEqual([750, 250]);
  });

  const target = (id: string, state: Health['state'], drainsUntil?: number) => ({
    ...{ id, health: { state, count: 0 }, drainsUntil },
  });

  it('are those that are well, or all that are registered where none is; never those that drain', () => {
    const [well, ill, draining] = [
      target('a', 'healthy'),
      target('b', 'unhealthy'),
      target('c', 'healthy', 5),
    ];
    expect(available([well, ill, draining])).toEqual([well]);
    expect(available([ill, draining])).toEqual([ill]);
    expect(available([draining])).toEqual([]);
  });

  it('go round, to whom has least to do, and by a key to one', () => {
    const all = ['a', 'b', 'c'].map((id) => ({ id }));
    const turn = (n: number, algorithm: 'round_robin' | 'least_outstanding_requests') =>
      chooseTarget(algorithm, all, {
        turn: n,
        random: 0,
        outstanding: (id) => (id === 'b' ? 0 : 2),
      })?.id;
    expect([0, 1, 2, 3].map((n) => turn(n, 'round_robin'))).toEqual(['a', 'b', 'c', 'a']);
    expect([0, 2].map((n) => turn(n, 'least_outstanding_requests'))).toEqual(['b', 'b']);
    fc.assert(
      fc.property(fc.string(), (key) => {
        const chosen = byKey(all, key);
        const gone = all.find((one) => one !== chosen);
        // Another one that goes changes nothing.
        expect(
          byKey(
            all.filter((one) => one !== gone),
            key,
          ),
        ).toBe(chosen);
      }),
    );
  });
});

describe('health', () => {
  const limits = { healthyAfter: 3, unhealthyAfter: 2 };
  const bad = { kind: 'timeout' as const };
  const after = (from: Health, ...checks: boolean[]) =>
    checks.reduce((health, well) => afterCheck(health, well ? undefined : bad, limits), from).state;
  const ILL: Health = { state: 'unhealthy', count: 0 };
  const WELL: Health = { state: 'healthy', count: 0 };

  test.each([
    [NEW, [true], 'healthy'],
    [NEW, [false], 'initial'],
    [NEW, [false, false], 'unhealthy'],
    [NEW, [false, true], 'healthy'],
    [WELL, [false], 'healthy'],
    [WELL, [false, true, false], 'healthy'],
    [WELL, [false, false], 'unhealthy'],
    [ILL, [true, true], 'unhealthy'],
    [ILL, [true, true, false, true], 'unhealthy'],
    [ILL, [true, true, true], 'healthy'],
  ])('%j after %j is %s', (from, checks, state) => {
    expect(after(from, ...checks)).toBe(state);
  });

  it('changes only after as many checks in a row as its threshold says', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.integer({ min: 2, max: 10 }), (checks, n) => {
        let health = WELL;
        let row = 0;
        for (const well of checks) {
          const before = health.state;
          health = afterCheck(health, well ? undefined : bad, {
            healthyAfter: n,
            unhealthyAfter: n,
          });
          row = checks.length === 0 || (before === 'healthy') === well ? 0 : row + 1;
          if (health.state !== before) {
            expect(row).toBe(n);
            row = 0;
          }
        }
      }),
    );
  });

  it('takes lists and ranges of statuses', () => {
    expect([200, 204, 299, 302].map((status) => matchesStatus('200,204-299', status))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(
      ['200', '200-299', '200,202', '600', '20', '299-200', ''].map((text) =>
        isMatcher(text, 200, 499),
      ),
    ).toEqual([true, true, true, false, false, false, false]);
  });
});

describe('targets', () => {
  const reach = (allowed: string[] = [], loopback = true) =>
    makeTargetReach({ allowed, loopback, isOwnPort: (port) => port === 4566 });
  const at = (address: string, port = 80, ours = false) => ({ address, port, ours });

  test.each([
    ['a program of this machine', at('127.0.0.1'), true],
    ['the server itself', at('127.0.0.1', 4566), false],
    ['the server itself in other words', at('127.0.0.2', 4566), false],
    ['the server itself, said by the fleet', at('127.0.0.1', 4566, true), false],
    ['a mapped address', at('::ffff:127.0.0.1'), false],
    ['the metadata of a cloud', at('169.254.169.254'), false],
    ['the metadata of a cloud, said by the fleet', at('169.254.169.254', 80, true), false],
    ['any address', at('0.0.0.0'), false],
    ['a load balancer', at('127.64.0.1'), false],
    ['a private address', at('10.0.0.1'), false],
    ['an instance', at('172.17.0.2', 80, true), true],
    ['the internet', at('8.8.8.8'), false],
    ['no address', at('localhost'), false],
  ])('may or may not be %s', (_, target, expected) => {
    expect(reach()(target)).toBe(expected);
  });

  it('are what is named, but for what never is', () => {
    const named = reach(['10.0.0.0/8', '169.254.0.0/16', '127.0.0.0/8'], false);
    expect(
      [
        at('10.0.0.1'),
        at('169.254.169.254'),
        at('127.0.0.1', 4566),
        at('127.64.0.1'),
        at('127.0.0.1'),
      ].map(named),
    ).toEqual([true, false, false, false, true]);
    expect(reach([], false)(at('127.0.0.1'))).toBe(false);
  });
});

describe('headers', () => {
  const of = (method: string, url: string, ...raw: string[]) =>
    refusalOf({ method, url, httpVersion: '1.1' }, raw);

  test.each([
    ['two hosts', of('GET', '/', 'Host', 'a', 'host', 'b'), 400],
    ['no host', of('GET', '/'), 400],
    ['another coding', of('POST', '/', 'Host', 'a', 'Transfer-Encoding', 'gzip, chunked'), 400],
    [
      'two codings',
      of('POST', '/', 'Host', 'a', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'),
      400,
    ],
    ['an address of another host', of('GET', 'http://b/', 'Host', 'a'), 400],
    ['a long address', of('GET', `/${'a'.repeat(17_000)}`, 'Host', 'a'), 414],
    ['a long header', of('GET', '/', 'Host', 'a', 'X', 'a'.repeat(17_000)), 400],
    ['a long way', of('GET', '/', 'Host', 'a', 'X-Forwarded-For', '1,'.repeat(31)), 463],
    ['nothing strange', of('POST', '/', 'Host', 'a', 'Transfer-Encoding', 'chunked'), undefined],
  ])('with %s are refused', (_, refusal, expected) => {
    expect(refusal).toBe(expected);
  });

  it('go on without those of the connection, and with where they come from', () => {
    const raw = [
      'Host',
      'a',
      'Connection',
      'X-Secret, Host',
      'X-Secret',
      '1',
      'X-Forwarded-For',
      '1.2.3.4',
      'X-Forwarded-Proto',
      'https',
      'Content-Length',
      '5',
    ];
    const forwarding = {
      forwardedFor: 'append' as const,
      dropInvalidHeaders: false,
      sourceIp: '127.0.0.1',
      ...{ protocol: 'http' as const, port: 80 },
      trace: '1-0-0',
      framing: ['Content-Length', '5'] as [string, string],
    };
    const out = toTarget(raw, forwarding);
    expect(out).toEqual([
      'Host',
      'a',
      'X-Forwarded-For',
      '1.2.3.4, 127.0.0.1',
      'X-Forwarded-Proto',
      'http',
      'X-Forwarded-Port',
      '80',
      'X-Amzn-Trace-Id',
      'Root=1-0-0',
      'Content-Length',
      '5',
      'Connection',
      'keep-alive',
    ]);
    expect(traceHeader('Root=1-a-b;Self=old', '1-0-0')).toBe('Self=1-0-0;Root=1-a-b');
    expect(cookieIn(['Cookie', 'a=1; AWSALB=x'], 'AWSALB')).toBe('x');
  });
});
