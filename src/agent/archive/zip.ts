import { createWriteStream } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lstat,
  lutimes,
  mkdir,
  open,
  realpath,
  rm,
  symlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { type ZipMember, zipMember } from './zip-member.ts';
import { findZip, ZipPart } from './zip-part.ts';

type Placed = ZipMember & { file: string };

/** What waits until every file is written. */
interface Unpacking {
  zip: ZipFile;
  root: string;
  placed: Placed[];
  links: { file: string; target: string }[];
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
  const file = await open(bundle);
  try {
    const zip = await openZip(bundle, file);
    const root = await realpath(directory);
    const unpacking: Unpacking = { zip, root, placed: [], links: [], odd: false };
    for await (const entry of zip.eachEntry()) await unpackEntry(unpacking, entry);
    for (const { file: link, target } of unpacking.links) {
      await rm(link, { force: true });
      await symlink(target, link);
    }
    await settle(unpacking);
  } catch (error) {
    throw new Error(`Error extracting zip archive: ${(error as Error).message}`);
  } finally {
    await file.close();
  }
}

async function openZip(path: string, file: FileHandle): Promise<ZipFile> {
  const { start, end } = await findZip(file);
  return yauzl.fromRandomAccessReaderPromise(new ZipPart(path, file.fd, start), end - start, {
    // Names are read here: the library would refuse a whole bundle over one that unzip keeps inside.
    decodeStrings: false,
    autoClose: false,
  });
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
    links.push({ file, target: await text(await zip.openReadStreamPromise(entry)) });
  } else {
    // Of two entries with one name the last counts, whatever mode the first had.
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
