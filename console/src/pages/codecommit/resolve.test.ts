import { describe, expect, test } from 'vitest';
import { type Choice, hasMarks, isDecided, markedText, resolutionOf } from './resolve.ts';

const hunk = (startLine: number, endLine: number, text: string) => ({
  ...{ startLine, endLine, hunkContent: btoa(text) },
});

describe('a file in conflict', () => {
  const names = { source: 'feature', destination: 'main' };
  test('has both sides between marks, and what only the source changed', () => {
    const text = markedText(
      'a\nB\nc\nd\ne',
      [
        {
          isConflict: false,
          destination: hunk(3, 4, 'd\n'),
          source: hunk(3, 4, 'D\n'),
          base: hunk(3, 4, 'd\n'),
        },
        {
          isConflict: true,
          destination: hunk(1, 2, 'B\n'),
          source: hunk(1, 2, 'bb'),
          base: hunk(1, 2, 'b\n'),
        },
      ],
      names,
    );
    expect(text).toBe('a\n<<<<<<< main\nB\n=======\nbb\n>>>>>>> feature\nc\nD\ne');
    expect(hasMarks(text)).toBe(true);
    expect(isDecided({ kind: 'USE_NEW_CONTENT', text })).toBe(false);
  });

  test('keeps what only the destination changed, and what the source added', () => {
    const hunks = [
      {
        isConflict: false,
        destination: hunk(0, 1, 'A\n'),
        source: hunk(0, 1, 'a\n'),
        base: hunk(0, 1, 'a\n'),
      },
      { isConflict: false, destination: hunk(2, 2, ''), source: hunk(2, 3, 'new\n') },
    ];
    expect(markedText('A\nb\nc\n', hunks, names)).toBe('A\nb\nnew\nc\n');
  });

  test('is told to the merge by its choice', () => {
    expect(isDecided(undefined)).toBe(false);
    expect(
      resolutionOf(
        new Map<string, Choice>([
          ['a', { kind: 'KEEP_SOURCE' }],
          ['b', { kind: 'USE_NEW_CONTENT', text: 'x' }],
        ]),
      ),
    ).toEqual({
      replaceContents: [
        { filePath: 'a', replacementType: 'KEEP_SOURCE' },
        {
          filePath: 'b',
          replacementType: 'USE_NEW_CONTENT',
          content: new TextEncoder().encode('x'),
        },
      ],
    });
  });
});
