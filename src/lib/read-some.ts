import { Gathered } from './gathered.ts';

/**
 * Reads a stream until it has ended or has brought more than `most` bytes.
 * @returns all of it, or the whole stream again as one that is read once. Its `return` lets go of the source
 */
export async function readSome(
  source: AsyncIterable<Uint8Array>,
  most: number,
): Promise<{ all: Buffer } | { stream: AsyncGenerator<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]();
  const first = new Gathered();
  while (first.size <= most) {
    const { done, value } = await rest.next();
    if (done) return { all: first.bytes };
    first.add(value);
  }
  return { stream: joined(first.bytes, rest) };
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>) {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
