import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countsOf, diffRows, folded, linesOf, unified } from './line-diff.ts';

const text = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
const many = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}`);

describe('a line diff', () => {
  test('puts what came beside what went', () => {
    expect(diffRows(text('a', 'b', 'c'), text('a', 'x', 'y', 'c'))).toEqual([
      { kind: 'same', before: { n: 1, text: 'a' }, after: { n: 1, text: 'a' } },
      { kind: 'changed', before: { n: 2, text: 'b' }, after: { n: 2, text: 'x' } },
      { kind: 'changed', after: { n: 3, text: 'y' } },
      { kind: 'same', before: { n: 3, text: 'c' }, after: { n: 4, text: 'c' } },
    ]);
  });

  test('a new file has nothing before, and an empty one no line', () => {
    expect(diffRows('', text('a'))).toEqual([{ kind: 'changed', after: { n: 1, text: 'a' } }]);
    expect(diffRows('', '')).toEqual([]);
  });

  test('refuses what is too large', () => {
    expect(diffRows('a\n'.repeat(20_001), '')).toBeUndefined();
  });

  test('folds what is the same and far from changes, opens what is asked for, and keeps what has comments', () => {
    const before = many(40);
    const rows = diffRows(text(...before), text(...before.with(19, 'other'))) ?? [];
    const shown = folded(rows);
    expect(shown[0]).toEqual({ kind: 'fold', from: 0, to: 16 });
    expect(shown.at(-1)).toEqual({ kind: 'fold', from: 23, to: 40 });
    expect(shown).toHaveLength(9);
    expect(folded(rows, { open: new Set([0]) })).toHaveLength(24);
    const kept = folded(rows, { keep: (row) => row.kind === 'same' && row.after.n === 40 });
    expect(kept.at(-1)).toMatchObject({ kind: 'same', after: { n: 40 } });
  });

  test('unified: all that went before all that came, of each block', () => {
    const rows = diffRows(text('a', 'b', 'k', 'c'), text('x', 'y', 'k', 'z')) ?? [];
    expect(unified(rows).map(({ kind }) => kind)).toEqual([
      'removed',
      'removed',
      'added',
      'added',
      'same',
      'removed',
      'added',
    ]);
    expect(countsOf(rows)).toEqual({ added: 3, removed: 3 });
  });

  test('both sides can be read from the rows again', () => {
    const side = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(
      fc.property(side, side, (left, right) => {
        const rows = diffRows(text(...left), text(...right)) ?? [];
        const of = (which: 'before' | 'after') =>
          rows.flatMap((row) => (row.kind === 'fold' || !row[which] ? [] : [row[which]]));
        for (const [which, lines] of [
          ['before', left],
          ['after', right],
        ] as const) {
          expect(of(which).map((line) => line.text)).toEqual(linesOf(text(...lines)));
          expect(of(which).map((line) => line.n)).toEqual(lines.map((_, i) => i + 1));
        }
      }),
    );
  });
});
