import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readSome } from './read-some.ts';

async function* source(sizes: number[], left: { open: boolean }) {
  try {
    for (const size of sizes) yield Buffer.alloc(size, size);
  } finally {
    left.open = false;
  }
}

test.each([
  ['nothing', []],
  ['little', [3, 4]],
  ['as much as may be', [5, 5]],
])('%s is read whole', async (_what, sizes) => {
  const read = await readSome(source(sizes, { open: true }), 10);
  expect(read).toEqual({ all: Buffer.concat(sizes.map((size) => Buffer.alloc(size, size))) });
});

test('more is a stream of all of it, which lets go of its source', async () => {
  const sizes = [6, 5, 7, 8];
  const state = { open: true };
  const read = await readSome(source(sizes, state), 10);
  if (!('stream' in read)) throw new Error('not a stream');
  const whole = Buffer.concat(sizes.map((size) => Buffer.alloc(size, size)));
  expect(await buffer(Readable.from(read.stream, { objectMode: false }))).toEqual(whole);
  const again = await readSome(source(sizes, state), 10);
  state.open = true;
  if ('stream' in again) for await (const _piece of again.stream) break;
  expect(state.open).toBe(false);
});
