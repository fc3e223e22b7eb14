import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuTime } from '../../lib/cpu-time.ts';
import type { Contract } from './contract.ts';
import { compileJavaPattern, compileUserPattern } from './java-pattern.ts';

describe('Java patterns', () => {
  it.each([
    ['[a-z]+', ['abc'], ['ABC', 'ab1', '', 'abc\n']],
    ['a|b', ['a', 'b'], ['ab', 'ax']],
    ['^a$', ['a'], ['ab']],
    ['[\\w+=,.@-]+', ['a+b@c-d', '_'], ['a b', 'é']],
    ['[\\w-_]*', ['a-_'], ['a.']],
    ['[a-zA-Z0-9-_.]+', ['a-b_c.d9'], ['a/b']],
    ['[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', ['Zoë 1/2', ''], ['a&b', 'a\u0000']],
    ['\\p{Alnum}+', ['aZ9'], ['é']],
    ['\\P{Alpha}+', ['123'], ['a']],
    ['[\\S]+', ['\u00a0'], ['a b']],
    ['\\s', [' ', '\t', '\u000b'], ['\u00a0', '\u2003']],
    ['.', ['a', '\u{1F680}'], ['\n', '\u0085']],
    ['(?s).*', ['a\nb'], []],
    ['(?i)all|[0-9]{12}', ['ALL', 'all', '111111111111'], ['al']],
    ['[\\u0020-\\uD7FF\\uD800\\uDC00-\\uDBFF\\uDFFF]+', ['a\u{1F680}'], ['\n']],
    ['a++b', ['aab'], ['b']],
    ['a*+a', [], ['aaa']],
    ['(?:ab)?+c', ['abc', 'c'], ['ab']],
    ['[a-z&&[^aeiou]]+', ['xyz'], ['abc']],
    ['[abc[0-3]]+', ['a2'], ['d', '4']],
    ['\\Qa.b\\E+', ['a.b', 'a.bb'], ['axb']],
    ['\\/?.+\\/.+', ['/a/b', 'a/b'], ['ab']],
    ["[!#$%&'*+-.^_`|~0-9a-zA-Z]+", ['a-b', "it's"], ['a b', '(']],
    ['(a)\\1', ['aa'], ['ab']],
    ['\\x41\\u0042\\x{43}\\t', ['ABC\t'], ['ABC']],
    ['[]a]+', [']a'], ['b']],
    ['^([a-z]+-)+\\d+$', ['eu-west-1'], ['eu']],
    ['tag:.+|Name', ['tag:x', 'Name'], ['tag:', 'Names']],
  ])('%s', (pattern, matching, other) => {
    const compiled = compileJavaPattern(pattern);
    expect(matching.filter((text) => !compiled.test(text))).toEqual([]);
    expect(other.filter((text) => compiled.test(text))).toEqual([]);
  });

  it.each(['\\G', '(?>a)', 'a{x', '[a', '(?x) a', '(a'])(
    'refuses %s rather than match something else',
    (pattern) => {
      expect(() => compileJavaPattern(pattern)).toThrow();
    },
  );
});

describe('Java patterns of users', () => {
  it.each([
    ['^\\d+$', ['12'], ['1a', '']],
    ['[a-z]{1,4096}', ['abc', 'x'.repeat(4096)], ['', 'x'.repeat(4097)]],
    ['[a-z]{2000,}', ['x'.repeat(2001)], ['x'.repeat(1999)]],
    ['^(?=.*[A-Z])(?=.*\\d)(?!.*\\s).{8,}$', ['Passw0rdX'], ['password1', 'Pa1', 'Passw 0rd']],
    ['(?i)(dev|prod)-[\\w.]+', ['DEV-a.b'], ['test-a']],
    ['[\\S&]+', ['a&'], ['a b']],
    ['[\\p{L}\\s\\]]+', ['é ]'], ['1']],
    ['\\Q(?=a|\\E.', ['(?=a|b'], ['a']],
    ['.', ['\u{1F680}'], ['\n', 'ab']],
  ])('%s', (pattern, matching, other) => {
    const compiled = compileUserPattern(pattern);
    expect(matching.filter((text) => !compiled.test(text))).toEqual([]);
    expect(other.filter((text) => compiled.test(text))).toEqual([]);
  });

  it.each([
    'a++',
    '(a)\\1',
    'a(?=b)c',
    '(?=a)b|c',
    '(?<=a)b',
    '[a-z&&[^b]]',
    '(a',
    'x{9000}',
    '(?=a',
  ])('refuses %s, which RE2 cannot do', (pattern) => {
    expect(() => compileUserPattern(pattern)).toThrow();
  });

  it('refuses what is too large', () => {
    expect(() => compileUserPattern('a{900}', 100)).toThrow('too large');
  });

  it.each(['(a+)+', '(a|a)*b', '(.*a){20}', 'a*a*a*a*a*b', '(?=(a+)+b)a+'])(
    '%s takes no time to speak of',
    (pattern) => {
      const taken = cpuTime();
      expect(compileUserPattern(pattern).test(`${'a'.repeat(20_000)}!`)).toBe(false);
      expect(taken()).toBeLessThan(2_000);
    },
  );
});

describe("the patterns of AWS's models", () => {
  const folder = join(import.meta.dirname, '../../../contracts');
  const patterns = new Set<string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const { shapes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Contract;
    for (const { pattern } of Object.values(shapes ?? {})) if (pattern) patterns.add(pattern);
  }

  it('take no time to speak of, whatever the value', () => {
    const slow: string[] = [];
    for (const pattern of patterns) {
      const compiled = compileJavaPattern(pattern);
      // Values of what the pattern itself is made of, over and over, and then something else.
      const words = new Set([
        ...(pattern.match(/[\w-]+|./g) ?? []),
        'a',
        '1',
        '-a',
        ':123456789012:',
        'a/',
        ' ',
      ]);
      for (const word of words) {
        for (const head of ['', 'arn:aws', 'arn:aws:codepipeline:']) {
          const taken = cpuTime();
          compiled.test(`${head}${word.repeat(50_000 / word.length)}\n`);
          // Twice the square of the length would be more than five seconds.
          if (taken() > 1_500) slow.push(`${pattern} on ${head}${word}…`);
        }
      }
    }
    expect(slow).toEqual([]);
  });
});
