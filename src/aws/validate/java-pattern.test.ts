import { describe, expect, it } from 'vitest';
import { compileJavaPattern } from './java-pattern.ts';

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
