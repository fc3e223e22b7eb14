import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../lib/cpu-time.ts';
import { compileGlob, GlobError } from './glob.ts';

// CP-C43: Java's globs.

const matches = (glob: string, text: string) => compileGlob(glob).test(text);

describe('a glob takes', () => {
  test.each([
    ['main', 'main'],
    ['*', 'main'],
    ['*', '.hidden'],
    ['feature/*', 'feature/one'],
    ['feature/**', 'feature/one/two'],
    ['**', 'a/b/c'],
    ['**.js', 'a/b.js'],
    ['**/*.md', 'docs/a.md'],
    ['src/**/*.ts', 'src/a/b.ts'],
    ['v?', 'v1'],
    ['v[0-9]', 'v7'],
    ['v[!0-9]', 'vx'],
    ['[a-]', '-'],
    ['[]]', ']'],
    ['[*]', '*'],
    ['{main,dev*}', 'develop'],
    ['rel-{1,2}.x', 'rel-2.x'],
    ['{,a}b', 'b'],
    ['\\*', '*'],
    ['\\{a\\}', '{a}'],
    ['a}', 'a}'],
    ['a,b', 'a,b'],
    ['a.b+c(d)|e^$', 'a.b+c(d)|e^$'],
    ['?', '🚀'],
    ['*', 'line\nbreak'],
  ])('%j: %j', (glob, text) => {
    expect(matches(glob, text)).toBe(true);
  });
});

describe('a glob leaves', () => {
  test.each([
    ['main', 'maintenance'],
    ['main', 'Main'],
    ['*', 'a/b'],
    ['feature/*', 'feature/one/two'],
    ['feature/**', 'feature'],
    ['**/*.md', 'a.md'],
    ['a?b', 'a/b'],
    ['v[!0-9]', 'v/'],
    ['[--9]', '/'],
    ['a.b', 'axb'],
    ['{main,dev}', 'mainx'],
    ['', 'a'],
  ])('%j: %j', (glob, text) => {
    expect(matches(glob, text)).toBe(false);
  });
});

test.each(['[', '[a', '[]', '{', '{a', '{a{b}}', '\\', 'a\\', '[a/b]', '[z-a]'])(
  '%j is no glob',
  (glob) => {
    expect(() => compileGlob(glob)).toThrow(GlobError);
  },
);

/** Backtracking, without classes and groups: what it means, and nothing of how fast. */
function slow([token, ...rest]: string[], text: string[]): boolean {
  if (token === undefined) return text.length === 0;
  if (token === '*' || token === '**') {
    const [first, ...others] = text;
    const goesOn = first !== undefined && (token === '**' || first !== '/');
    return slow(rest, text) || (goesOn && slow([token, ...rest], others));
  }
  const [first, ...others] = text;
  return (
    first !== undefined && (token === '?' ? first !== '/' : first === token) && slow(rest, others)
  );
}

test('it means what the slow way means', () => {
  const tokens = fc.array(fc.constantFrom('a', 'b', '.', '/', '?', '*', '**'), { maxLength: 8 });
  const text = fc.array(fc.constantFrom('a', 'b', '.', '/'), { maxLength: 8 });
  fc.assert(
    fc.property(tokens, text, (glob, characters) => {
      // Two stars in a row are one token, whoever wrote them.
      const read = glob.join('').match(/\*\*|./gs) ?? [];
      expect(matches(glob.join(''), characters.join(''))).toBe(slow(read, characters));
    }),
  );
});

test('every text is a glob or is refused as none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 255 }), (glob) => {
      try {
        compileGlob(glob).test('a/b');
      } catch (error) {
        expect(error).toBeInstanceOf(GlobError);
      }
    }),
  );
});

test('a text literal matches itself once it is escaped, and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
      const escaped = [...text].map((one) => `\\${one}`).join('');
      expect(matches(escaped, text)).toBe(true);
      expect(matches(escaped, `${text}x`)).toBe(false);
    }),
  );
});

test('many stars take time linear in the text', () => {
  const glob = compileGlob(`${'a**'.repeat(80)}b`);
  const taken = cpuTime();
  expect(glob.test('a'.repeat(4000))).toBe(false);
  expect(taken()).toBeLessThan(5000);
});
