import { type FileHandle, open } from 'node:fs/promises';
import {
  CHUNK_BYTES,
  HEADER_BYTES,
  layout,
  openChunk,
  openHeader,
  SEALED_CHUNK_BYTES,
} from './sealed-chunks.ts';

/** Both inclusive, in bytes of plaintext. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Chunks read in one go: half a megabyte keeps the system calls few and the memory small. */
const BATCH = 8;

/** The plaintext of a sealed file, or a range of it. While one batch goes out, the next is read. */
export async function* plaintext(path: string, id: string, key: Uint8Array, range?: ByteRange) {
  const file = await open(path, 'r');
  let ahead: Promise<Buffer> | undefined;
  try {
    const { chunks, size } = layout((await file.stat()).size);
    const { start, end } = range ?? { start: 0, end: size - 1 };
    if (start < 0 || end >= size)
      throw new RangeError(`Bytes ${start} to ${end} of a blob of ${size} bytes.`);
    const header = await readUpTo(file, 0, Buffer.alloc(HEADER_BYTES));
    const own = openHeader(id, key, header);
    const lastWanted = Math.floor(Math.max(0, end) / CHUNK_BYTES);
    const firstWanted = Math.floor(start / CHUNK_BYTES);
    const read = batchReader(file, lastWanted);
    ahead = read(firstWanted);
    for (let first = firstWanted; ahead; first += BATCH) {
      const sealed: Buffer = await ahead;
      ahead = read(first + BATCH);
      for (let index = first; index <= Math.min(first + BATCH - 1, lastWanted); index += 1) {
        const at = (index - first) * SEALED_CHUNK_BYTES;
        const piece = sealed.subarray(at, at + SEALED_CHUNK_BYTES);
        const opened = openChunk(own, index, index === chunks - 1, piece);
        const from = Math.max(0, start - index * CHUNK_BYTES);
        const wanted = opened.subarray(from, end + 1 - index * CHUNK_BYTES);
        if (wanted.length > 0) yield wanted;
      }
    }
  } finally {
    await ahead?.catch(() => undefined);
    await file.close();
  }
}

/** Reads the batch that begins at a chunk; nothing behind the last one. A batch is good until the next but one is read. */
function batchReader(file: FileHandle, lastWanted: number) {
  const buffers: (Buffer | undefined)[] = [];
  return (first: number): Promise<Buffer> | undefined => {
    const count = Math.min(BATCH, lastWanted - first + 1);
    if (count <= 0) return undefined;
    const buffer = buffers.length < 2 ? undefined : buffers.shift();
    const filled = buffer ?? Buffer.allocUnsafeSlow(count * SEALED_CHUNK_BYTES);
    buffers.push(filled);
    const at = HEADER_BYTES + first * SEALED_CHUNK_BYTES;
    const read = readUpTo(file, at, filled.subarray(0, count * SEALED_CHUNK_BYTES));
    // Its error is met when the batch is asked for, which may be never.
    read.catch(() => undefined);
    return read;
  };
}

/** Fills the buffer from a position on, or as much of it as there is. */
async function readUpTo(file: FileHandle, position: number, buffer: Buffer): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(
      buffer,
      filled,
      buffer.length - filled,
      position + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
