import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuTime } from '../../lib/cpu-time.ts';
import { compilePattern } from './compile.ts';
import { PatternError } from './errors.ts';
import { asWritten, matchesSlowly, textOf, type Written } from './slow-reference.ts';

const matches = (pattern: object, event: object) => compilePattern(JSON.stringify(pattern))(event);

/** The event of AWS's pages on event patterns. */
const EVENT = {
  version: '0',
  id: 'ddddd4-aaaa-7777-4444-345dd43cc333',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '012345679012',
  time: '2017-10-02T16:24:49Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000'],
  detail: {
    'c-count': 5,
    'd-count': 3,
    'x-limit': 301.8,
    'source-ip': '10.0.0.33',
    'instance-id': 'i-000000aaaaaa00000',
    state: 'running',
    note: null,
    empty: '',
    flag: true,
    FileName: 'cat.PNG',
    path: 'dir/lib/a.jar',
    star: 'a*b\\c',
  },
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const TABLE: [name: string, pattern: object, expected: boolean][] = [
  ['exact', { source: ['aws.ec2'] }, true],
  ['exact of several', { detail: { state: ['initializing', 'running'] } }, true],
  ['exact, another', { detail: { state: ['stopped'] } }, false],
  ['an array of the event', { resources: [EVENT.resources[0], 'x'] }, true],
  ['all fields', { source: ['aws.ec2'], detail: { state: ['stopped'] } }, false],
  ['number', { detail: { 'c-count': [5] } }, true],
  ['number in another writing', { detail: { 'x-limit': [3.018e2] } }, true],
  ['a number is no text', { detail: { 'c-count': ['5'] } }, false],
  ['true', { detail: { flag: [true] } }, true],
  ['null', { detail: { note: [null] } }, true],
  ['empty text', { detail: { empty: [''] } }, true],
  ['null is not the empty text', { detail: { note: [''] } }, false],
  ['prefix', { time: [{ prefix: '2017-10-02' }] }, true],
  ['prefix, another', { time: [{ prefix: '2018' }] }, false],
  ['prefix of a number', { detail: { 'c-count': [{ prefix: '5' }] } }, false],
  ['prefix whatever case', { source: [{ prefix: { 'equals-ignore-case': 'AWS.E' } }] }, true],
  ['suffix', { detail: { FileName: [{ suffix: '.PNG' }] } }, true],
  ['suffix, another case', { detail: { FileName: [{ suffix: '.png' }] } }, false],
  [
    'suffix whatever case',
    { detail: { FileName: [{ suffix: { 'equals-ignore-case': '.png' } }] } },
    true,
  ],
  ['whatever case', { detail: { state: [{ 'equals-ignore-case': 'RUNNING' }] } }, true],
  ['exactly', { detail: { state: [{ exactly: 'running' }] } }, true],
  ['anything but', { detail: { state: [{ 'anything-but': 'initializing' }] } }, true],
  ['anything but itself', { detail: { state: [{ 'anything-but': 'running' }] } }, false],
  ['anything but a list', { detail: { state: [{ 'anything-but': ['running', 'x'] }] } }, false],
  ['anything but numbers', { detail: { 'x-limit': [{ 'anything-but': [100, 200] }] } }, true],
  ['anything but, missing', { detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  ['but prefix', { detail: { state: [{ 'anything-but': { prefix: 'init' } }] } }, true],
  ['but prefixes', { detail: { state: [{ 'anything-but': { prefix: ['run', 'x'] } }] } }, false],
  ['but suffix', { detail: { FileName: [{ 'anything-but': { suffix: '.txt' } }] } }, true],
  ['but suffixes', { detail: { FileName: [{ 'anything-but': { suffix: ['.PNG'] } }] } }, false],
  [
    'but whatever case',
    { detail: { state: [{ 'anything-but': { 'equals-ignore-case': ['RUNNING'] } }] } },
    false,
  ],
  ['but wildcard', { detail: { path: [{ 'anything-but': { wildcard: '*/lib/*' } }] } }, false],
  ['but wildcards', { detail: { path: [{ 'anything-but': { wildcard: ['*/bin/*'] } }] } }, true],
  ['between', { detail: { 'c-count': [{ numeric: ['>', 0, '<=', 5] }] } }, true],
  ['below', { detail: { 'd-count': [{ numeric: ['<', 3] }] } }, false],
  ['equal', { detail: { 'x-limit': [{ numeric: ['=', 3.018e2] }] } }, true],
  ['network', { detail: { 'source-ip': [{ cidr: '10.0.0.0/24' }] } }, true],
  ['another network', { detail: { 'source-ip': [{ cidr: '10.0.1.0/24' }] } }, false],
  ['exists', { detail: { state: [{ exists: true }] } }, true],
  ['exists though null', { detail: { note: [{ exists: true }] } }, true],
  ['exists not', { detail: { missing: [{ exists: true }] } }, false],
  ['is missing', { detail: { missing: [{ exists: false }] } }, true],
  ['is missing, with all around it', { gone: { missing: [{ exists: false }] } }, true],
  ['is not missing', { detail: { state: [{ exists: false }] } }, false],
  ['an object is no leaf', { detail: [{ exists: false }] }, true],
  ['missing or a value', { detail: { state: [{ exists: false }, 'running'] } }, true],
  ['wildcard', { detail: { path: [{ wildcard: 'dir/*.jar' }] } }, true],
  ['wildcards', { detail: { path: [{ wildcard: '*/lib/*' }] } }, true],
  ['wildcard, another', { detail: { path: [{ wildcard: 'dir/*.zip' }] } }, false],
  ['escaped star', { detail: { star: [{ wildcard: 'a\\*b\\\\c' }] } }, true],
  [
    'one of two',
    { detail: { $or: [{ 'c-count': [{ numeric: ['>', 9] }] }, { 'd-count': [3] }] } },
    true,
  ],
  ['none of two', { $or: [{ source: ['x'] }, { detail: { state: ['y'] } }] }, false],
];

describe('event patterns', () => {
  it.each(TABLE)('%s', (_name, pattern, expected) => {
    expect(matches(pattern, EVENT)).toBe(expected);
    expect(matchesSlowly(asWritten(pattern), EVENT)).toBe(expected);
  });

  it('matches fields of one object by the same element of an array', () => {
    const employees = [[{ first: 'Anna', last: 'Smith' }], [{ first: 'Peter', last: 'Jones' }]];
    expect(matches({ employees: { first: ['Anna'] } }, { employees })).toBe(true);
    expect(matches({ employees: { first: ['Anna'], last: ['Jones'] } }, { employees })).toBe(false);
    expect(matches({ employees: { middle: [{ exists: false }] } }, { employees: [] })).toBe(true);
    expect(matches({ a: { x: [{ exists: false }] } }, { a: [{ x: 1 }, { y: 1 }] })).toBe(false);
  });

  it.each<[what: string, pattern: string, event: object, expected: boolean]>([
    ['the last of two', '{"a": [1], "a": [2]}', { a: 2 }, true],
    ['the last of two, not the first', '{"a": [1], "a": [2]}', { a: 1 }, false],
    ['both objects', '{"a": {"x": [1]}, "a": {"y": [2]}}', { a: { x: 1, y: 3 } }, false],
    [
      'a value behind its alternatives',
      '{"$or": [{"a": [1]}, {"b": [1]}], "a": [2]}',
      { a: 2 },
      true,
    ],
    ['alternatives behind a value', '{"a": [2], "$or": [{"a": [1]}, {"b": [1]}]}', { a: 1 }, true],
    [
      'the value with the other one',
      '{"a": [2], "$or": [{"a": [1]}, {"b": [1]}]}',
      { b: 1 },
      false,
    ],
    [
      'alternatives twice, on different paths',
      '{"$or": [{"a": [1]}, {"b": [1]}], "$or": [{"c": [1]}, {"d": [1]}]}',
      { a: 1 },
      false,
    ],
    [
      'alternatives twice on one path: the last',
      '{"$or": [{"a": [1]}, {"b": [1]}], "$or": [{"a": [2]}, {"b": [2]}]}',
      { a: 2, b: 1 },
      true,
    ],
    [
      'alternatives outside and inside',
      '{"$or": [{"a": {"x": [1]}}, {"b": [1]}], "a": {"$or": [{"x": [2]}, {"y": [2]}]}}',
      { a: { x: 2 } },
      true,
    ],
    [
      'alternatives of one element of an array',
      '{"$or": [{"a": {"x": [1]}}, {"b": [1]}], "a": {"y": [2]}}',
      { a: [{ x: 1 }, { y: 2 }] },
      false,
    ],
  ])('as AWS: %s', (_what, pattern, event, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });

  it('knows no member but the own ones', () => {
    const pattern = JSON.parse('{"__proto__": {"toString": [{"exists": false}]}}');
    expect(compilePattern(pattern)({})).toBe(true);
    expect(matches({ constructor: { name: [{ exists: true }] } }, {})).toBe(false);
  });

  it.each<[pattern: string, reason: string]>([
    ['[]', 'Filter is not an object'],
    ['{}', 'Empty objects are not allowed'],
    ['{"a": {}}', 'Empty objects are not allowed'],
    ['{"a": []}', 'Empty arrays are not allowed'],
    ['{"a": "b"}', '"a" must be an object or an array'],
    ['{"a": [["b"]]}', 'Match value must be String, number, true, false, or null'],
    ['{"a": [{}]}', 'Match expression name not found'],
    ['{"a": [{"prefx": "b"}]}', 'Unrecognized match type prefx'],
    ['{"a": [{"prefix": 5}]}', 'prefix match pattern must be a string'],
    ['{"a": [{"prefix": "b", "suffix": "c"}]}', 'Only one key allowed in match expression'],
    ['{"a": [{"prefix": {"suffix": "b"}}]}', 'Unsupported prefix pattern: suffix'],
    ['{"a": [{"suffix": null}]}', 'suffix match pattern must be a string'],
    ['{"a": [{"exists": "yes"}]}', 'exists match pattern must be either true or false.'],
    ['{"a": [{"numeric": 5}]}', 'Value of numeric must be an array.'],
    ['{"a": [{"numeric": ["!", 5]}]}', 'Unrecognized numeric range operator: !'],
    ['{"a": [{"numeric": [">", "5"]}]}', 'Value of > must be numeric'],
    ['{"a": [{"numeric": ["=", 5, "<", 6]}]}', 'Too many elements in numeric expression'],
    ['{"a": [{"numeric": [">", 5, ">", 6]}]}', 'Bad numeric range operator: >'],
    ['{"a": [{"numeric": [">", 6, "<", 5]}]}', 'Bottom must be less than top'],
    [
      '{"a": [{"anything-but": null}]}',
      'Value of anything-but must be an array or single string/number value.',
    ],
    [
      '{"a": [{"anything-but": ["b", 5]}]}',
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    ],
    ['{"a": [{"anything-but": {"cidr": "b"}}]}', 'Unsupported anything-but pattern: cidr'],
    ['{"a": [{"anything-but": {"prefix": ""}}]}', 'Null prefix/suffix not allowed'],
    ['{"a": [{"cidr": "10.0.0.1"}]}', "Malformed CIDR, one '/' required"],
    ['{"a": [{"cidr": "10.0.0.0/33"}]}', 'IPv4 mask bits must be < 32'],
    ['{"a": [{"wildcard": "b**"}]}', 'Consecutive wildcard characters at pos 2'],
    ['{"a": [{"wildcard": "b\\\\c"}]}', 'Invalid escape character at pos 2'],
    ['{"$or": [{"a": [1]}]}', 'There must have at least 2 Objects in $or relationship.'],
    ['{"$or": {}}', 'It must be an Array followed with $or.'],
    [
      '{"$or": [{"prefix": [1]}, {"a": [1]}]}',
      'prefix is Ruler reserved fieldName which cannot be used inside $or.',
    ],
  ])('refuses %s', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(new PatternError(reason));
  });

  it('refuses what would be more than 1000 patterns', () => {
    const or = Array.from({ length: 11 }, (_, n) => ({ [`f${n}`]: [n] }));
    const pattern = { a: { $or: or }, b: { $or: or }, c: { $or: or } };
    expect(() => compilePattern(pattern)).toThrow(PatternError);
    expect(() =>
      compilePattern(JSON.parse(`${'{"a":'.repeat(5000)}[1]${'}'.repeat(5000)}`)),
    ).toThrow(PatternError);
  });

  it('says the same as the slow reference', () => {
    fc.assert(
      fc.property(anyPattern.filter(isSmall), anyEvent, (pattern, event) => {
        expect(compilePattern(textOf(pattern))(event)).toBe(matchesSlowly(pattern, event));
      }),
      { numRuns: 3000 },
    );
  });

  it('takes time linear in the event, whatever pattern and event are made to do', () => {
    const many = Array.from({ length: 100_000 }, () => 1);
    const wildcard = `${'*a'.repeat(1000)}b`;
    const deep = JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`);
    const taken = cpuTime();
    expect(matches({ a: { b: [{ exists: false }], c: [1] } }, { a: many })).toBe(false);
    expect(matches({ a: [{ wildcard }] }, { a: 'a'.repeat(250_000) })).toBe(false);
    expect(matches({ a: { b: [1] } }, { a: deep })).toBe(false);
    expect(matches({ a: [2] }, { a: deep })).toBe(false);
    expect(taken()).toBeLessThan(2000);
  });
});

const name = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('', 'x', 'xy', 'XY', 'yx', 'a*b');
const number = fc.constantFrom(0, 1, 2.5, -1);
const value = fc.oneof(text, number, fc.constantFrom(true, false, null));

const expression = fc.oneof(
  fc.record({ prefix: text }),
  fc.record({ suffix: text }),
  fc.record({ 'equals-ignore-case': text }),
  fc.record({ wildcard: fc.constantFrom('*', 'x*', '*y', 'x*y', 'a\\*b') }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ 'anything-but': fc.oneof(text, number, fc.array(text, { minLength: 1 })) }),
  fc.record({ 'anything-but': fc.record({ prefix: fc.constantFrom('x', 'y') }) }),
  fc.record({ numeric: fc.constantFrom(['>', 0], ['<=', 1], ['>', 0, '<', 2]) }),
);
const list = fc.array(fc.oneof(value, expression), { minLength: 1, maxLength: 3 });

const { anyPattern } = fc.letrec<{ anyPattern: Written; member: Written[number] }>((tie) => ({
  member: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(name, fc.record({ list })),
    fc.tuple(name, tie('anyPattern')),
    fc.tuple(
      fc.constant('$or'),
      fc.record({ or: fc.array(tie('anyPattern'), { minLength: 2, maxLength: 2 }) }),
    ),
  ),
  // A name, or `$or`, may come more than once.
  anyPattern: fc.array(tie('member'), { minLength: 1, maxLength: 3 }),
}));

/** How many patterns it is without `$or`: the slow reference writes them all out. */
const combinations = (pattern: Written): number =>
  pattern.reduce((product, [, value]) => {
    if (Array.isArray(value)) return product * combinations(value);
    return 'or' in value
      ? product * value.or.reduce((sum, each) => sum + combinations(each), 0)
      : product;
  }, 1);
const isSmall = (pattern: Written) => combinations(pattern) <= 64;

const anyEvent = fc.object({
  key: name,
  maxDepth: 4,
  maxKeys: 3,
  values: [text, number, fc.constantFrom(true, null)],
});
