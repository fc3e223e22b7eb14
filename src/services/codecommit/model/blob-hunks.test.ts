import { expect, test } from 'vitest';
import { hunksOfLines, linesOf } from './blob-hunks.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}`);

test('a hunk has the lines around its changes, counted from 1', () => {
  const before = numbers(9);
  const after = ['1', '2', 'three', 'and', '4', '5', '6', '7', '8', '9'];
  const changes = [{ before: 2, removed: 1, after: 2, added: 2 }];
  expect(hunksOfLines(changes, { before, after }, 1)).toEqual([
    {
      ...{ beforeStartLine: 2, beforeLineCount: 3, afterStartLine: 2, afterLineCount: 4 },
      changes: [
        { type: 'CONTEXT', beforeLineNumber: 2, afterLineNumber: 2, content: '2' },
        { type: 'DELETE', beforeLineNumber: 3, content: '3' },
        { type: 'ADD', afterLineNumber: 3, content: 'three' },
        { type: 'ADD', afterLineNumber: 4, content: 'and' },
        { type: 'CONTEXT', beforeLineNumber: 4, afterLineNumber: 5, content: '4' },
      ],
    },
  ]);
});

test('changes that are near are one hunk', () => {
  const before = numbers(9);
  const changes = [1, 5].map((at) => ({ before: at, removed: 1, after: at, added: 1 }));
  const hunks = (context: number) => hunksOfLines(changes, { before, after: before }, context);
  expect([hunks(0), hunks(1), hunks(2)].map(({ length }) => length)).toEqual([2, 2, 1]);
});

test('a new file is one hunk of nothing but additions', () => {
  const after = linesOf(Buffer.from('a\r\nb'));
  expect(after).toEqual(['a\r', 'b']);
  const changes = [{ before: 0, removed: 0, after: 0, added: 2 }];
  expect(hunksOfLines(changes, { before: [], after }, 3)).toMatchObject([
    { beforeStartLine: 0, beforeLineCount: 0, afterStartLine: 1, afterLineCount: 2 },
  ]);
});
