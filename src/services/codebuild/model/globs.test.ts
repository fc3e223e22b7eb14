import { describe, expect, it } from 'vitest';
import { cpuTime } from '../../../lib/cpu-time.ts';
import { PhaseFailure } from './build-state.ts';
import { compileGlob } from './globs.ts';

describe('file patterns', () => {
  it.each([
    ['a.txt', ['a.txt'], ['b/a.txt', 'aXtxt', 'a.txt2']],
    ['*.jar', ['a.jar', '.jar', '.hidden.jar'], ['b/a.jar', 'ajar']],
    ['*', ['a', '.a'], ['a/b', '']],
    ['**/*', ['a', 'a/b', '.git/x/y'], ['']],
    ['**', ['a', 'a/b'], []],
    ['target/**', ['target/a', 'target/a/b'], ['a', 'targets/a']],
    ['**/target/*.jar', ['target/a.jar', 'x/y/target/a.jar'], ['target/x/a.jar', 'xtarget/a.jar']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['x?z', ['xyz', 'x\u{1F680}z'], ['xz', 'x/z']],
    ['[a-c]*.txt', ['b.txt', 'cc.txt'], ['d.txt']],
    ['[!a-c].txt', ['d.txt', '].txt'], ['a.txt', '/.txt']],
    ['[]a]', [']', 'a'], ['b']],
    ['a[b', ['a[b'], ['ab']],
    ['*.{js,css}', ['a.js', 'b.css'], ['a.ts', 'a.']],
    ['{src,lib}/**/*.{js,{ts,tsx}}', ['src/a.js', 'lib/x/a.tsx'], ['bin/a.js', 'src/a.jsx']],
    ['{a}', ['{a}'], ['a']],
    ['{a', ['{a'], ['a']],
    ['a\\*b', ['a*b'], ['axb']],
    ['a+(b)|c', ['a+(b)|c'], ['ab', 'c']],
    ['./a', ['a'], ['./b']],
    ['\u{1F680}.$x', ['\u{1F680}.$x'], ['\u{1F680}']],
    ['a\n*', ['a\nb'], ['ab']],
  ])('%s', (pattern, matching, other) => {
    const matches = compileGlob(pattern);
    expect(matching.filter((path) => !matches(path))).toEqual([]);
    expect(other.filter((path) => matches(path))).toEqual([]);
  });

  it('an empty one is of no file', () => {
    expect(compileGlob('')('')).toBe(false);
  });

  it.each([
    ['stars', `${'*a'.repeat(300)}*b`],
    ['directories', `${'**/a/'.repeat(150)}b`],
    ['alternatives', `${'{a,aa}'.repeat(200)}b`],
  ])('%s without end take no time to speak of', (_what, pattern) => {
    const matches = compileGlob(pattern);
    const taken = cpuTime();
    for (const path of ['a'.repeat(1000), 'a/'.repeat(500)]) expect(matches(path)).toBe(false);
    expect(taken()).toBeLessThan(1_000);
  });

  it.each([
    ['any characters behind a star', `**/*a${'?'.repeat(2000)}`, 'ab'],
    ['stars', '*a'.repeat(1000), 'a'],
    ['directories', '**/a/'.repeat(500), 'a/'],
  ])(
    '%s and a name without end: the phase fails rather than the server stands',
    (_what, pattern, part) => {
      const taken = cpuTime();
      expect(() => compileGlob(pattern)(part.repeat(2000))).toThrow(PhaseFailure);
      expect(taken()).toBeLessThan(1_000);
    },
  );

  it.each([
    ['long', 'a'.repeat(65_536)],
    ['deep', `${'{a,'.repeat(1200)}b${'}'.repeat(1200)}`],
  ])('one that is too %s fails the phase', (_what, pattern) => {
    expect(() => compileGlob(pattern)('b')).toThrow(PhaseFailure);
  });
});
