import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WireRequest } from './http.ts';
import { compare, makeRouteFinder, matcherOf, type Place } from './route-patterns.ts';

function request(method: string, path: string, host = 'localhost'): WireRequest {
  return {
    ...{ method, path, query: '', headers: { host }, body: Readable.from([]) },
    ...{ endpoint: '', remoteAddress: '' },
  };
}

describe('two places', () => {
  test.each([
    ['/a', '/b', 'disjoint'],
    ['/a', '/a', 'same'],
    ['/a', '/a/', 'disjoint'],
    ['/a/{x}', '/a/{y}', 'same'],
    ['/a/b', '/a/{x}', 'narrower'],
    ['/a/{x}', '/{y}/b', 'crossing'],
    ['/a/{x*}', '/a/{y}/b', 'wider'],
    ['/a', '/a/{x*}', 'disjoint'],
    ['/a/', '/a/{x*}', 'narrower'],
    ['/a/', '/a/{x}', 'disjoint'],
    ['/{x}/b', '/a/{y*}', 'crossing'],
    ['/{x*}', '/a/{y*}', 'wider'],
  ])('%s and %s are %s', (a, b, relation) => {
    const turned = { narrower: 'wider', wider: 'narrower' }[relation] ?? relation;
    expect(compare({ path: a }, { path: b })).toBe(relation);
    expect(compare({ path: b }, { path: a })).toBe(turned);
  });

  test.each([
    [{ methods: ['GET'] }, {}, 'narrower'],
    [{ methods: ['GET', 'PUT'] }, { methods: ['GET', 'POST'] }, 'crossing'],
    [{ methods: ['GET'] }, { methods: ['PUT'] }, 'disjoint'],
    [{ host: 'a.test' }, {}, 'narrower'],
    [{ host: 'a.test' }, { host: '*.test' }, 'narrower'],
    [{ host: '*.a.test' }, { host: '*.test' }, 'narrower'],
    [{ host: 'a.test' }, { host: 'b.test' }, 'disjoint'],
    [{ host: 'a.test' }, { methods: ['GET'] }, 'crossing'],
  ])('%j and %j are %s', (a, b, relation) => {
    expect(compare({ path: '/', ...a }, { path: '/', ...b })).toBe(relation);
  });
});

const segment = fc.constantFrom('a', 'b', '{x}', '');
const places: fc.Arbitrary<Place> = fc.record(
  {
    methods: fc.constantFrom(['GET'], ['PUT'], ['GET', 'PUT']),
    host: fc.constantFrom('a.test', '*.test', '*.a.test'),
    path: fc
      .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '/{r*}'))
      .map(([segments, rest]) => `/${segments.join('/')}${rest}`),
  },
  { requiredKeys: ['path'] },
);
const requests = fc.record({
  method: fc.constantFrom('GET', 'PUT'),
  host: fc.constantFrom('a.test', 'b.test', 'a.a.test', 'x'),
  path: fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 5 })
    .map((s) => `/${s.join('/')}`),
});

test('property: what a place takes and how it is to another agree', () => {
  fc.assert(
    fc.property(places, places, requests, (a, b, asked) => {
      const relation = compare(a, b);
      const [inA, inB] = [matcherOf(a)(asked), matcherOf(b)(asked)].map((m) => m !== undefined);
      if (relation === 'disjoint') expect(inA && inB).toBe(false);
      if (relation === 'same') expect(inA).toBe(inB);
      if (relation === 'narrower' && inA) expect(inB).toBe(true);
      if (relation === 'wider' && inB) expect(inA).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

/** By host, whatever is elsewhere under that path; of one host the narrower one. */
function comesBefore(a: Place, b: Place): boolean {
  const hosts =
    a.host === b.host ? [a, b] : [a, b].map(({ host }) => ({ path: '/', ...(host && { host }) }));
  const [first, second] = hosts as [Place, Place];
  return compare(first, second) === 'narrower';
}

test('property: a table is refused, or each request has one narrowest route, which gets it in whatever order they came', () => {
  fc.assert(
    fc.property(fc.array(places, { maxLength: 6 }), requests, (routes, asked) => {
      const overlap = routes.some((a, i) =>
        routes
          .slice(i + 1)
          .some((b) => a.host === b.host && ['same', 'crossing'].includes(compare(a, b))),
      );
      if (overlap) {
        expect(() => makeRouteFinder(routes)).toThrow(/overlap/);
        return;
      }
      const { method, path, host } = asked;
      const takes = routes.filter((route) => matcherOf(route)(asked));
      const narrowest = takes.find((route) =>
        takes.every((other) => other === route || comesBefore(route, other)),
      );
      for (const order of [routes, [...routes].reverse()])
        expect(makeRouteFinder(order)(request(method, path, host))?.route).toBe(narrowest);
    }),
    { numRuns: 3000 },
  );
});

test('labels are as they were sent; a rest has slashes, and may be nothing', () => {
  const match = matcherOf({ path: '/v1/{name}/{rest*}' });
  const at = (path: string) => match({ method: 'GET', host: '', path });
  expect(at('/v1/a%2Fb/c/d')).toEqual({ name: 'a%2Fb', rest: 'c/d' });
  expect(at('/v1/a/')).toEqual({ name: 'a', rest: '' });
  expect(at('/v1/a')).toBeUndefined();
  expect(at('/v1//b')).toBeUndefined();
});

test('names of paths that every object has lead nowhere', () => {
  const find = makeRouteFinder([{ path: '/a' }]);
  for (const path of ['/__proto__', '/constructor', '/toString/x'])
    expect(find(request('GET', path))).toBeUndefined();
});

test.each(['a', '/{x*}/b'])('%s is no pattern', (path) => {
  expect(() => matcherOf({ path })).toThrow(/no pattern/);
});
