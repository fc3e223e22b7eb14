import { describe, expect, test } from 'vitest';
import { isOfWhole, placeOf, REACTIONS, threadsOf } from './threads.ts';

const comment = (commentId: string, seconds: number, inReplyTo?: string) => ({
  ...{ commentId, creationDate: new Date(seconds * 1000), content: commentId },
  ...(inReplyTo !== undefined && { inReplyTo }),
});

describe('threads', () => {
  test('put replies below what they reply to, whatever order they come in', () => {
    const found = threadsOf([
      {
        location: { filePath: 'a' },
        comments: [comment('r2', 9, 'r1'), comment('r1', 5, 'c'), comment('c', 4)],
      },
      { comments: [comment('whole', 1), comment('lost', 2, 'gone')] },
    ]);
    expect(found.map(({ comments }) => comments.map(({ commentId }) => commentId))).toEqual([
      ['whole'],
      ['c', 'r1', 'r2'],
    ]);
  });

  test('stand at a line only while its file is the one that was spoken of', () => {
    const [thread] = threadsOf([
      {
        location: { filePath: 'a.ts', filePosition: 7, relativeFileVersion: 'AFTER' },
        afterBlobId: 'blob-1',
        comments: [comment('c', 1)],
      },
    ]);
    if (!thread) throw new Error('no thread');
    expect(placeOf(thread, { path: 'a.ts', afterBlobId: 'blob-1' })).toEqual({
      path: 'a.ts',
      line: 7,
      version: 'AFTER',
    });
    expect(placeOf(thread, { path: 'a.ts', afterBlobId: 'blob-2' })).toBeUndefined();
    expect(placeOf(thread, { path: 'b.ts', afterBlobId: 'blob-1' })).toBeUndefined();
    expect(placeOf({ ...thread, location: undefined }, { path: 'a.ts' })).toBeUndefined();
  });

  test('are of the whole where no line was said', () => {
    expect([undefined, {}, { filePath: 'a' }].map(isOfWhole)).toEqual([true, true, true]);
    expect(isOfWhole({ filePath: 'a', filePosition: 1 })).toBe(false);
  });

  test('reactions are named as the server counts them', () => {
    expect(REACTIONS[0]).toEqual({ name: 'THUMBSUP', code: ':thumbsup:', emoji: '👍' });
  });
});
