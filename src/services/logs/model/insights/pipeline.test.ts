import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Held, QueryTooLargeError } from './held.ts';
import { neededTexts } from './needs.ts';
import { parseQuery } from './parser.ts';
import { makePipeline } from './pipeline.ts';
import { QueryError, UnsupportedQueryError } from './syntax.ts';
import { ask, eventsOf, NOW } from './testing.ts';

const json = (...objects: object[]) => objects.map((object) => JSON.stringify(object));

describe('commands', () => {
  it('shows time and message unless told, newest first', () => {
    const lines = ask('', ['a', 'b']);
    expect(lines.map((line) => line['@message'])).toEqual(['b', 'a']);
    expect(Object.keys(lines[0] ?? {})).toEqual(['@timestamp', '@message']);
  });

  it('fields add columns, display replaces them', () => {
    const [line] = ask('fields a | fields b, a + b as sum | filter sum = 3', json({ a: 1, b: 2 }));
    expect(line).toEqual({ a: '1', b: '2', sum: '3' });
    expect(ask('fields a, b | display b', json({ a: 1, b: 2 }))).toEqual([{ b: '2' }]);
    expect(ask('fields strlen(x)', json({ x: 'abc' }))).toEqual([{ 'strlen(x)': '3' }]);
  });

  it('parses by globs', () => {
    const message = 'user=ann, method:get, latency := 25 ms';
    expect(
      ask(
        'parse @message "user=*, method:*, latency := *" as @user, @method, latency | display @user, @method, latency',
        [message],
      ),
    ).toEqual([{ '@user': 'ann', '@method': 'get', latency: '25 ms' }]);
    expect(ask('parse "[*] *" as level, rest | display level, rest', ['x [INFO] a b'])).toEqual([
      { level: 'INFO', rest: 'a b' },
    ]);
    expect(ask('parse "[*" as level | display level', ['none'])).toEqual([{}]);
  });

  it('parses by the groups of regular expressions', () => {
    const query =
      'parse @message /user=(?<user>.*?), method:(?<method>\\w+)/ | display user, method';
    expect(ask(query, ['user=ann, method:get!', 'nobody'])).toEqual([
      {},
      { user: 'ann', method: 'get' },
    ]);
    expect(ask('parse /(\\d+)-(\\d+)/ as a, b | display a, b', ['x 12-34'])).toEqual([
      { a: '12', b: '34' },
    ]);
  });

  it('takes apart what it has parsed', () => {
    expect(
      ask(
        'fields jsonParse(@message) as j | unnest j.list into item | display item.n',
        json({ list: [{ n: 1 }, { n: 2 }] }),
      ),
    ).toEqual([{ 'item.n': '1' }, { 'item.n': '2' }]);
  });

  it('gathers statistics', () => {
    const messages = json(...[1, 2, 3, 4, 10].map((ms) => ({ ms, ok: ms < 4, who: `u${ms % 2}` })));
    expect(
      ask(
        'stats count(*), count(ms), count_distinct(who), sum(ms), avg(ms), min(ms), max(ms), stddev(ms), pct(ms, 50), earliest(ms), latest(ms), sortsFirst(who), sortsLast(who)',
        messages,
      ),
    ).toEqual([
      {
        ...{ 'count(*)': '5', 'count(ms)': '5', 'count_distinct(who)': '2', 'sum(ms)': '20' },
        ...{ 'avg(ms)': '4', 'min(ms)': '1', 'max(ms)': '10', 'stddev(ms)': '3.1623' },
        ...{ 'pct(ms, 50)': '3', 'earliest(ms)': '1', 'latest(ms)': '10' },
        ...{ 'sortsFirst(who)': 'u0', 'sortsLast(who)': 'u1' },
      },
    ]);
    expect(
      ask('stats sum(ok) as good, max(ms) - min(ms) as spread by who | sort who asc', messages),
    ).toEqual([
      { who: 'u0', good: '1', spread: '8' },
      { who: 'u1', good: '2', spread: '2' },
    ]);
    expect(ask('stats count(*) by bin(1m) as minute', ['a', 'b', 'c', 'd', 'e'])).toEqual([
      { minute: '2026-11-26 12:34:00.000', 'count(*)': '4' },
      { minute: '2026-11-26 12:35:00.000', 'count(*)': '1' },
    ]);
    expect(ask('filter @message = "x" | stats count(*) as n')).toEqual([{ n: '0' }]);
    expect(ask('filter @message = "x" | stats count(*) by a')).toEqual([]);
  });

  it('gathers statistics of statistics', () => {
    const messages = json({ a: 1, b: 'x' }, { a: 1, b: 'x' }, { a: 2, b: 'x' }, { a: 3, b: 'y' });
    expect(
      ask(
        'stats count(*) as n by a, b | filter b = "x" | stats max(n) as most, count(*) as kinds',
        messages,
      ),
    ).toEqual([{ most: '2', kinds: '2' }]);
  });

  it('sorts texts before numbers, and numbers in texts by their size', () => {
    const values = ['b', 10, 9, 'a10', 'a9', undefined, '2'];
    const found = (order: string) =>
      ask(`sort x ${order} | display x`, json(...values.map((x) => ({ x })))).map(({ x }) => x);
    expect(found('asc')).toEqual([undefined, 'a9', 'a10', 'b', '2', '9', '10']);
    expect(found('desc')).toEqual(['10', '9', '2', 'b', 'a10', 'a9', undefined]);
    expect(found('desc | limit 2')).toEqual(['10', '9']);
  });

  it('keeps the first of each kind, and all that are of none', () => {
    const messages = json({ s: 'a', n: 1 }, { s: 'b', n: 2 }, { s: 'a', n: 3 }, { n: 4 }, { n: 5 });
    const numbers = (query: string) => ask(`${query} | display n`, messages).map(({ n }) => n);
    expect(numbers('sort n asc | dedup s')).toEqual(['1', '2', '4', '5']);
    expect(numbers('dedup s')).toEqual(['5', '4', '3', '2']);
    expect(numbers('dedup s | limit 2')).toEqual(['5', '4']);
  });

  it('goes over comments and lines', () => {
    expect(ask('# all of them\nfields @message # this\n| limit 1 # one', ['a', 'b'])).toEqual([
      { '@message': 'b' },
    ]);
    expect(ask('fields "# no comment" as c')).toEqual([{ c: '# no comment' }]);
  });
});

test.each([
  ['fields', 6, 6],
  ['fields @message |', 17, 17],
  ['filter a = ', 11, 11],
  ['filter "open', 7, 12],
  ['filter @message like /open', 21, 26],
  ['filter @message like /(/', 21, 24],
  ['filter nothing(1)', 7, 14],
  ['filter strlen()', 7, 13],
  ['stats count_distinct()', 6, 20],
  ['stats pct(a)', 6, 9],
  ['limit 0', 6, 7],
  ['sort', 4, 4],
  ['fields ~', 7, 8],
  ['parse "*" as a, b', 6, 9],
  ['parse /x/', 6, 9],
  ['fields bin(5x)', 7, 10],
  [`filter ${'('.repeat(500)}1`, 107, 108],
])('%.40s is no query', (query, start, end) => {
  try {
    ask(query);
    expect.fail();
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
    expect((error as QueryError).at).toMatchObject({ start, end });
  }
});

test.each(['unmask x', 'anomaly x', 'pattern @message', 'diff', 'SOURCE "g"', 'join x'])(
  '%s is refused by name',
  (query) => {
    expect(() => parseQuery(`fields a | ${query}`)).toThrow(UnsupportedQueryError);
  },
);

test('what a query holds is bounded', () => {
  for (const query of [
    'stats count(*) by @message',
    'stats count_distinct(@message)',
    'dedup @message',
    'sort @message asc',
  ]) {
    const held = new Held(10_000);
    const pipeline = makePipeline(parseQuery(query), { now: NOW, limit: 10_000, held });
    const events = eventsOf(Array.from({ length: 1000 }, (_, i) => `${i}`));
    expect(() => events.map((event) => pipeline.add(event))).toThrow(QueryTooLargeError);
  }
  const held = new Held(10_000);
  const pipeline = makePipeline(parseQuery('sort @message asc'), { now: NOW, limit: 20, held });
  for (const event of eventsOf(Array.from({ length: 10_000 }, (_, i) => `${i}`)))
    pipeline.add(event);
  expect(pipeline.results()).toHaveLength(20);
});

test.each([
  ['filter @message like /ERROR/ and a = 1 | filter @message like "x y"', ['ERROR', 'x y']],
  ['filter @message like /a|b/ or @message like /c/', []],
  ['filter not @message like /a/', []],
  ['filter @message like /foo\\d+ba[rz]/', ['foo']],
  ['filter @message like /(?i)foo/', []],
  ['filter @message like /ab?c{2}/', []],
  ['filter @message like "say \\"hi\\""', []],
  ['fields concat(@message, "a") as @message | filter @message like /a/', []],
  ['limit 5 | filter @message like /a/', []],
])('%s needs %s', (query, texts) => {
  expect(neededTexts(parseQuery(query))).toEqual(texts);
});

describe('by property, against all rows in memory', () => {
  const row = fc.record({
    a: fc.integer({ min: 0, max: 3 }),
    b: fc.oneof(fc.constantFrom('x', 'y', 'x10', 'x9'), fc.integer({ min: -2, max: 2 })),
  });
  const rows = fc.array(row, { maxLength: 60 });

  it('sort and limit', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), fc.boolean(), (all, limit, descending) => {
        const sign = descending ? -1 : 1;
        // Of those that are the same the newest comes first.
        const expected = all
          .map((each, index) => ({ ...each, index }))
          .sort((x, y) => sign * (x.a - y.a) || y.index - x.index)
          .slice(0, limit)
          .map(({ a, b }) => ({ a: `${a}`, b: `${b}` }));
        const query = `fields a, b | sort a ${descending ? 'desc' : 'asc'} | limit ${limit}`;
        expect(ask(query, json(...all))).toEqual(expected);
      }),
    );
  });

  it('statistics by a field', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const groups = Map.groupBy(all, ({ a }) => a);
        const expected = [...groups]
          .sort(([x], [y]) => x - y)
          .map(([a, found]) => {
            const numbers = found.flatMap(({ b }) => (typeof b === 'number' ? [b] : []));
            const total = numbers.reduce((x, y) => x + y, 0);
            const mean = Math.round((total / numbers.length) * 10_000) / 10_000;
            return {
              ...{ a: `${a}`, n: `${found.length}` },
              ...{ kinds: `${new Set(found.map(({ b }) => `${b}`)).size}` },
              ...(numbers.length > 0 && { total: `${total}`, mean: `${mean + 0}` }),
            };
          });
        const query =
          'stats count(*) as n, count_distinct(b) as kinds, sum(b) as total, avg(b) as mean by a | sort a asc';
        expect(ask(query, json(...all))).toEqual(expected);
      }),
    );
  });

  it('dedup', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const seen = new Set<number>();
        const expected = [...all].reverse().filter(({ a }) => !seen.has(a) && seen.add(a));
        expect(ask('fields a, b | dedup a', json(...all))).toEqual(
          expected.map(({ a, b }) => ({ a: `${a}`, b: `${b}` })),
        );
      }),
    );
  });

  it('stops no sooner than it may', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: 1, max: 9 }),
        (times, limit) => {
          const sorted = [...times].sort((a, b) => b - a);
          const events = eventsOf(sorted.map((time) => [NOW + time, `${time}`]));
          const query = parseQuery('fields @message');
          const pipeline = makePipeline(query, { now: NOW, limit, held: new Held(1_000_000) });
          for (const event of events) {
            const enough = pipeline.enough();
            if (enough !== undefined && event.timestamp < enough) break;
            pipeline.add(event);
          }
          const found = pipeline.results().map(([message]) => message?.value);
          expect(found).toEqual(sorted.slice(0, limit).map(String));
        },
      ),
    );
  });
});
