const HEADER_BYTES = 8;
const LENGTH_AT = 4;

export type OutputStream = 'stdout' | 'stderr';
const TYPES: Record<number, OutputStream> = { 1: 'stdout', 2: 'stderr' };

/**
 * Takes apart the stream in which the engine sends both outputs: frames of a type, a length and so many bytes.
 * A frame cut off at the end (the connection broke) is given as far as it came.
 */
export async function* frames(
  raw: AsyncIterable<Buffer>,
): AsyncGenerator<{ stream: OutputStream; bytes: Buffer }> {
  let buffer: Buffer = Buffer.alloc(0);
  let current: OutputStream = 'stdout';
  let missing = 0;
  for await (const chunk of raw) {
    buffer = buffer.length > 0 ? Buffer.concat([buffer, chunk]) : chunk;
    while (buffer.length > 0) {
      if (missing > 0) {
        const bytes = buffer.subarray(0, missing);
        missing -= bytes.length;
        buffer = buffer.subarray(bytes.length);
        yield { stream: current, bytes };
      } else if (buffer.length < HEADER_BYTES) break;
      else {
        current = TYPES[buffer[0] ?? 1] ?? 'stdout';
        missing = buffer.readUInt32BE(LENGTH_AT);
        buffer = buffer.subarray(HEADER_BYTES);
      }
    }
  }
}
