import { createWriteStream } from 'node:fs';
import { chmod, lstat, lutimes, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { openZip } from '../../lib/zip-file.ts';
import { type ZipMember, zipMember } from '../../lib/zip-member.ts';

type Placed = ZipMember & { file: string };

/** What waits until every file is written. */
interface Unpacking {
  zip: ZipFile;
  root: string;
  placed: Placed[];
  /** Targets by the links' places; what comes later under the same name takes it. */
  links: Map<string, Buffer>;
  /** The archive has something that unzip complains of. */
  odd: boolean;
}

/** Linux takes no longer path. */
const LONGEST_TARGET = 4096;

/**
 * Unpacks a zip as the official agent does, which runs unzip (CD-AGT-09): names lead nowhere else, set-user-id bits
 * go, modes and times are kept, and links are made last, as they are, so that nothing is written through one.
 */
export async function unpackZip(bundle: string, directory: string): Promise<void> {
  try {
    const { zip, close } = await openZip(bundle);
    try {
      const root = await realpath(directory);
      await unpackAll({ zip, root, placed: [], links: new Map(), odd: false });
    } finally {
      await close();
    }
  } catch (error) {
    throw new Error(`Error extracting zip archive: ${(error as Error).message}`);
  }
}

async function unpackAll(unpacking: Unpacking): Promise<void> {
  for await (const entry of unpacking.zip.eachEntry()) await unpackEntry(unpacking, entry);
  for (const [link, target] of unpacking.links) {
    await rm(link, { force: true });
    await symlink(target, link);
  }
  await settle(unpacking);
}

/** Writes one entry; links, modes and times wait. */
async function unpackEntry(unpacking: Unpacking, entry: Entry): Promise<void> {
  const { zip, root, placed, links } = unpacking;
  const member = zipMember(entry);
  if (member.oddity) unpacking.odd = true;
  if (member.path.length === 0) return;
  const file = join(root, ...member.path);
  await mkdir(member.kind === 'directory' ? file : dirname(file), { recursive: true });
  if (member.kind === 'directory') {
    placed.push({ ...member, file });
  } else if (member.kind === 'link') {
    if (entry.uncompressedSize > LONGEST_TARGET) throw new Error(`${file} is too long a link`);
    links.set(file, await buffer(await zip.openReadStreamPromise(entry)));
  } else {
    // Of two entries with one name the last counts, whatever the first was.
    links.delete(file);
    await rm(file, { force: true });
    const sum = await write(await zip.openReadStreamPromise(entry), file);
    if (sum !== entry.crc32) unpacking.odd = true;
    placed.push({ ...member, file });
  }
}

/** @returns the checksum of what was written */
async function write(body: Readable, file: string): Promise<number> {
  let sum = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        sum = crc32(chunk, sum);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  return sum;
}

/**
 * Sets modes and times, those of a directory after what is in it. When unzip has complained the official agent unpacks
 * a second time by a library that sets no times; it knows names with backslashes as others.
 */
async function settle({ placed, odd }: Unpacking): Promise<void> {
  const deepestFirst = placed.toSorted((a, b) => b.path.length - a.path.length);
  for (const { file, mode, mtime, kind, oddity } of deepestFirst) {
    // A link that came under the same name took its place: what it leads to is none of the archive's.
    if ((await lstat(file)).isSymbolicLink()) continue;
    const again = odd && kind === 'file' && oddity !== 'backslashes';
    if (!again && !Number.isNaN(mtime.getTime())) await lutimes(file, mtime, mtime);
    if (mode !== undefined) await chmod(file, mode);
  }
}
