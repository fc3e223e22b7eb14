import { Gathered } from './gathered.ts';

const CHUNK_BYTES = 64 * 1024;

/**
 * The same bytes in larger pieces: each piece of a stream may cost a system call or two at its other end. Waits for
 * more, so it is for what comes to its end by itself.
 */
export function inChunks(source: AsyncIterable<Uint8Array>): AsyncIterableIterator<Buffer> {
  const from = source[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const chunk = new Gathered(CHUNK_BYTES);
      while (chunk.size < CHUNK_BYTES) {
        const { done, value } = await from.next();
        if (done) break;
        chunk.add(value);
      }
      return chunk.size > 0
        ? { done: false, value: chunk.bytes }
        : { done: true, value: undefined };
    },
    // At once, also while a piece is waited for: no generator's `return` is.
    async return() {
      await from.return?.();
      return { done: true, value: undefined };
    },
  };
}
