import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cpuTime } from './cpu-time.ts';
import { ANY, compileWildcard, matchesWildcard, ONE } from './wildcard.ts';

const units = (...of: string[]) => fc.string({ unit: fc.constantFrom(...of), maxLength: 12 });

it('a star is any text, and nothing else means anything', () => {
  fc.assert(
    fc.property(units('a', 'b', '*', '?'), units('a', 'b', '?'), (pattern, text) => {
      const source = pattern.split('*').map((part) => part.replaceAll('?', '\\?'));
      expect(compileWildcard(pattern)(text)).toBe(new RegExp(`^${source.join('.*')}$`).test(text));
    }),
    { numRuns: 5000 },
  );
});

const tokensOf = (pattern: string) =>
  pattern.split('').map((char) => (char === '*' ? ANY : char === '?' ? ONE : char));

// Long runs of one letter send the plain way back so often that the other takes over.
it('the way for patterns that are made to be slow says the same', () => {
  const run = fc.tuple(
    fc.constantFrom('a', 'b', '?', '*', 'a?', 'ba'),
    fc.integer({ max: 70, min: 1 }),
  );
  const texts = fc.tuple(fc.constantFrom('a', 'b', 'ab'), fc.integer({ max: 300, min: 0 }));
  const written = (runs: [string, number][]) => runs.map(([text, n]) => text.repeat(n)).join('');
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), fc.array(texts, { maxLength: 4 }), (a, b) => {
      const [pattern, text] = [`*${written(a).replaceAll(/\*+/g, '*')}`, written(b)];
      // Not JavaScript's own engine, which may take for ever: by dynamic programming.
      expect(matchesWildcard(tokensOf(pattern), text)).toBe(byTable(pattern, text));
    }),
    { numRuns: 1000 },
  );
});

function byTable(pattern: string, text: string): boolean {
  let row = Array.from({ length: text.length + 1 }, (_, i) => i === 0);
  for (const char of pattern) {
    const next = row.map(() => false);
    for (let i = 0; i <= text.length; i++) {
      if (char === '*') next[i] = !!row[i] || (i > 0 && !!next[i - 1]);
      else next[i] = i > 0 && !!row[i - 1] && (char === '?' || char === text[i - 1]);
    }
    row = next;
  }
  return !!row[text.length];
}

it.each([
  ['many stars', `${'*a'.repeat(300)}*b`],
  ['a long part', `*${'a'.repeat(20_000)}b*`],
  ['a long part of question marks', `*${'?a'.repeat(10_000)}b*`],
])('%s over a long text end at once', (_what, pattern) => {
  const taken = cpuTime();
  expect(matchesWildcard(tokensOf(pattern), 'a'.repeat(40_000))).toBe(false);
  // Character by character it would be a thousand million comparisons, over five seconds.
  expect(taken()).toBeLessThan(2_000);
});
