import fc from 'fast-check';
import { expect, test } from 'vitest';
import { find, type LogPages, linesOf, numberOf, pageOf, rowsOf, sectionsOf } from './log-pages.ts';

const entering = (phase: string) => `[Container] 2026/11/28 19:00:00 Entering phase ${phase}`;
const page = (...texts: string[]) =>
  pageOf(
    texts.map((text) => ({ at: 0, text })),
    undefined,
  );

test('events are lines, without their last line end', () => {
  expect(
    linesOf([
      { timestamp: 1, message: 'a\r\n' },
      { timestamp: 2, message: 'b\n\nc' },
    ]),
  ).toEqual([
    { at: 1, text: 'a' },
    { at: 2, text: 'b' },
    { at: 2, text: '' },
    { at: 2, text: 'c' },
  ]);
});

const LOG: LogPages = {
  head: [page('x', entering('INSTALL'), 'i')],
  tail: [page('b', entering('BUILD'), 'b1', 'b2'), page('b3', entering('POST_BUILD'))],
  joined: false,
};

test('phases end where the next begins, and at the gap', () => {
  expect(sectionsOf(LOG)).toEqual([
    { phase: 'INSTALL', from: 1, to: 3 },
    { phase: 'BUILD', from: 4, to: 8 },
    { phase: 'POST_BUILD', from: 8, to: 9 },
  ]);
  expect(sectionsOf({ ...LOG, joined: true })[0]).toEqual({ phase: 'INSTALL', from: 1, to: 4 });
});

test('rows skip what is folded, and have one for the gap', () => {
  const rows = rowsOf(LOG, new Set([4]));
  const all = Array.from({ length: rows.count }, (_, row) => rows.at(row));
  expect(all.map((row) => (row === 'gap' ? row : row.line))).toEqual([0, 1, 2, 'gap', 3, 4, 8]);
  expect(rows.of(6)).toBe(5);
  expect(numberOf(LOG, 2)).toBe(3);
  expect(numberOf(LOG, 3)).toBeUndefined();
});

test('every line is found once, by its row and in its page', () => {
  const pages = fc.array(fc.array(fc.constantFrom('a', entering('BUILD')), { maxLength: 4 }));
  fc.assert(
    fc.property(pages, pages, fc.boolean(), (head, tail, joined) => {
      const log = {
        ...{ joined },
        head: head.map((t) => page(...t)),
        tail: tail.map((t) => page(...t)),
      };
      const texts = [...head, ...tail].flat();
      const rows = rowsOf(log, new Set());
      expect(rows.count).toBe(texts.length + (joined ? 0 : 1));
      for (const [line, text] of texts.entries()) {
        expect(rows.at(rows.of(line))).toEqual({ line });
        const found = find(log, line);
        expect(found?.page.lines?.[found.line]?.text).toBe(text);
      }
    }),
  );
});
