/**
 * Reads a stream until it has ended or has brought more than `most` bytes.
 * @returns all of it, or the whole stream again as one that is read once. Its `return` lets go of the source
 */
export async function readSome(
  source: AsyncIterable<Uint8Array>,
  most: number,
): Promise<{ all: Buffer } | { stream: AsyncGenerator<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  while (bytes <= most) {
    const { done, value } = await rest.next();
    if (done) return { all: Buffer.concat(pieces) };
    pieces.push(value);
    bytes += value.length;
  }
  return { stream: joined(pieces, rest) };
}

async function* joined(pieces: Uint8Array[], rest: AsyncIterator<Uint8Array>) {
  try {
    yield* pieces.splice(0);
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
