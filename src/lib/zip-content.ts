import { Readable } from 'node:stream';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { ZipPart } from './zip-part.ts';

/** Unpacked at once: streams cost more than what flows in them. */
const SMALL = 16 * 1024;
const STORED = 0;
const DEFLATED = 8;

/**
 * What an entry of a ZIP file has in it. The library checks its length; here its checksum is checked too, so that the
 * stream fails at its end when the bytes are not those that were packed.
 */
export async function zipContent(zip: ZipFile, entry: Entry): Promise<Readable> {
  return Readable.from(await zipPieces(zip, entry), { objectMode: false });
}

/** As `zipContent`, for who goes through very many entries. */
export async function zipPieces(zip: ZipFile, entry: Entry): Promise<AsyncIterable<Buffer>> {
  return checked(await piecesOf(zip, entry), entry.crc32);
}

async function* checked(
  content: AsyncIterable<Buffer> | Iterable<Buffer>,
  expected: number,
): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const piece of content) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum !== expected) throw new Error('the content of an entry does not have its checksum');
}

async function piecesOf(
  zip: ZipFile,
  entry: Entry,
): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const known = compressionMethod === STORED || compressionMethod === DEFLATED;
  const small = compressedSize <= SMALL && uncompressedSize <= SMALL;
  const { reader } = zip as unknown as { reader: unknown };
  // In its own words the library speaks of its options.
  if (entry.isEncrypted()) throw new Error('an entry is encrypted');
  if (!known || !small || !(reader instanceof ZipPart)) return zip.openReadStreamPromise(entry);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = await reader.bytes(fileDataStart, compressedSize);
  const content = compressionMethod === STORED ? packed : inflate(packed, uncompressedSize);
  if (content.length !== uncompressedSize)
    throw new Error(`an entry has ${content.length} bytes, not ${uncompressedSize}`);
  return [content];
}

/** @throws Error for data that are damaged, or more than `size` bytes */
function inflate(packed: Buffer, size: number): Buffer {
  return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
}
