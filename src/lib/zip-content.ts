import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';

/**
 * What an entry of a ZIP file has in it. The library checks its length; here its checksum is checked too, so that the
 * stream fails at its end when the bytes are not those that were packed.
 */
export async function zipContent(zip: ZipFile, entry: Entry): Promise<Readable> {
  const content = await zip.openReadStreamPromise(entry);
  return Readable.from(checked(content, entry.crc32), { objectMode: false });
}

async function* checked(content: AsyncIterable<Buffer>, expected: number) {
  let sum = 0;
  for await (const piece of content) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum !== expected) throw new Error('the content of an entry does not have its checksum');
}
