import { describe, expect, it } from 'vitest';
import { parseFilterPattern } from './filter-pattern.ts';
import { FilterPatternError, UnsupportedPatternError } from './matcher.ts';

describe('filter patterns', () => {
  it('goes over a message once, whatever the number of words', () => {
    const words = Array.from({ length: 140 }, (_, i) => `w${i}`).join(' ');
    const { matches, passes } = parseFilterPattern(words);
    expect([matches(`x ${words}`), matches(words.replace('w77 ', '')), passes]).toEqual([
      ...[true, false, 1],
    ]);
    expect(parseFilterPattern(`${words} -no %a% %b%`).passes).toBe(4);
    expect(() => parseFilterPattern('%a% '.repeat(9))).toThrow(UnsupportedPatternError);
  });

  it.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR 400] bad', true],
    ['ERROR', 'error', false],
    ['ERROR 400', 'ERROR 500', false],
    ['"ERROR 400"', 'x ERROR 400 y', true],
    ['"ERROR 400"', '400 ERROR', false],
    ['"say \\"hi\\""', 'say "hi" now', true],
    ['ERROR -retry', 'ERROR now', true],
    ['ERROR -retry', 'ERROR retry', false],
    ['-"not this"', 'not this', false],
    ['?ERROR ?WARN', 'WARN x', true],
    ['?ERROR ?WARN', 'INFO x', false],
    ['"" ERROR', 'ERROR', true],
    ['?"" ?WARN', 'INFO', true],
    ['-""', 'INFO', false],
    ['ERROR ERROR', 'ERROR', true],
    ['ERROR ?WARN', 'ERROR', true],
    ['%5[0-9]{2}%', 'status 503', true],
    ['%5[0-9]{2}%', 'status 404', false],
    ['{ $.level = "ERROR" }', '{"level":"ERROR"}', true],
    ['{ $.level = "ERROR" }', 'level = ERROR', false],
    ['{ $.level = ERR* }', '{"level":"ERROR"}', true],
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
    ['{ $.latency = * }', '{"latency":50,"requestType":"GET"}', true],
    ['{ $.latency = * }', '{"requestType":"GET"}', false],
    ['{ $.status = 4* }', '{"status":404}', true],
    ['{ $.status = 4* }', '{"status":200}', false],
    ['{ $.status = "404" }', '{"status":404}', false],
    ['{ $.level != "ERROR" }', '{"level":"INFO"}', true],
    ['{ $.ms >= 100 && $.ms < 200 }', '{"ms":150}', true],
    ['{ $.ms >= 100 && $.ms < 200 }', '{"ms":200}', false],
    ['{ ($.a = 1 || $.b = 2) && $.c = 3 }', '{"b":2,"c":3}', true],
    ['{ $.user IS NULL }', '{"user":null}', true],
    ['{ $.ok IS TRUE }', '{"ok":false}', false],
    ['{ $.user NOT EXISTS }', '{}', true],
    ['{ $.list[0].name = "a" }', '{"list":[{"name":"a"}]}', true],
    ['{ $.list[*].name = "b" }', '{"list":[{"name":"a"},{"name":"b"}]}', true],
    ['{ $.message = %failed|failure% }', '{"message":"it failed"}', true],
    ['{ $.constructor NOT EXISTS }', '{}', true],
    ['{ $.* = 1 }', '{"a":1}', true],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(parseFilterPattern(pattern).matches(message)).toBe(expected);
    // The same among more terms than are looked for one by one.
    if (!/^[-?\w" ]*$/.test(pattern) || pattern === '') return;
    const sign = pattern.startsWith('?') ? '?' : '-';
    const more = Array.from({ length: 9 }, (_, i) => `${sign}absent${i}`).join(' ');
    expect(parseFilterPattern(`${pattern} ${more}`).matches(message)).toBe(expected);
  });

  it.each([
    '"open',
    'ERROR:',
    '{ $.a }',
    '{ $.a = }',
    '{ $.a = 1',
    '%(%',
    '{ $.a constructor 1 }',
    '{ $.a IS CONSTRUCTOR }',
    '{ $.*.* = 1 }',
    '{ $.a = %a% || $.b = %b% || $.c = %c% }',
    '{ $.* = 1 || $.* = 2 || $.* = 3 || $.* = 4 }',
  ])('refuses %s', (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow(FilterPatternError);
  });

  it('reads what it names', () => {
    const json = parseFilterPattern('{ $.ms > 5 && $.user.id = * }');
    const message = '{"ms":7,"user":{"id":"a"}}';
    expect(Object.fromEntries(json.extract?.(message) ?? [])).toEqual({
      '$.ms': '7',
      '$.user.id': 'a',
    });
    expect(json.reader?.('$.ms')?.(message)).toBe('7');
    expect(json.reader?.('$x')).toBeUndefined();
    const words = parseFilterPattern('[level, ms > 5]');
    expect(words.matches('INFO 7') && !words.matches('INFO 4')).toBe(true);
    expect(words.reader?.('$ms')?.('INFO 7')).toBe('7');
  });
});
