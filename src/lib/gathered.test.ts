import { expect, test } from 'vitest';
import { Gathered } from './gathered.ts';

/** The room that a buffer takes, of which it may be a view. */
const room = (bytes: Buffer) => bytes.buffer.byteLength;

test.each([[[]], [['abc']], [['a', '', 'bc']], [['', 'a'.repeat(5000), 'b', 'c'.repeat(70_000)]]])(
  'is what its pieces are, in their order',
  (pieces) => {
    const gathered = new Gathered();
    for (const piece of pieces) gathered.add(Buffer.from(piece));
    expect(gathered.bytes.toString()).toBe(pieces.join(''));
    expect(gathered.size).toBe(pieces.join('').length);
  },
);

test('holds a small factor of the bytes, however small the pieces are', () => {
  const gathered = new Gathered();
  const piece = Buffer.alloc(1, 'a');
  for (let at = 0; at < 100_000; at++) gathered.add(piece);
  expect(gathered.bytes.equals(Buffer.alloc(100_000, 'a'))).toBe(true);
  expect(room(gathered.bytes)).toBeLessThanOrEqual(2 * 100_000);
});

test('takes the room of a known length once', () => {
  const gathered = new Gathered(10_000);
  for (let at = 0; at < 10; at++) gathered.add(Buffer.alloc(1000));
  expect(room(gathered.bytes)).toBe(10_000);
});

test('does not copy what is in one piece, and leaves it as it is', () => {
  const piece = Buffer.from('abc');
  const gathered = new Gathered();
  gathered.add(piece);
  const before = gathered.bytes;
  expect(before.buffer).toBe(piece.buffer);
  gathered.add(Buffer.from('d'));
  expect([before.toString(), piece.toString(), gathered.bytes.toString()]).toEqual([
    'abc',
    'abc',
    'abcd',
  ]);
});
