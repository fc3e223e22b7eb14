/** More came than was to be read. */
export class TooLong extends Error {
  override readonly name = 'TooLong';
}

/**
 * The bytes of a stream, as long as they are no more than `most`: beyond that it is let go of at once.
 * @param what it is, for the error: `The answer of the server`
 * @throws TooLong
 */
export async function* atMost(
  source: AsyncIterable<Uint8Array>,
  most: number,
  what: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > most) throw new TooLong(`${what} is longer than ${most} bytes`);
    yield piece;
  }
}

/** The text of a stream of at most `most` bytes. @throws TooLong */
export async function textAtMost(
  source: AsyncIterable<Uint8Array>,
  most: number,
  what: string,
): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of atMost(source, most, what)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
