import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { HeldLinks } from './held-links.ts';

/** What an archive has that cannot be unpacked, in words for whoever made it. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

interface Common {
  /** Below the directory that is unpacked into; empty for that directory itself. */
  path: string[];
  /** Permission bits without set-user-id and its like. */
  mode: number;
  mtime: Date;
}

/** One thing to be made, in an order in which nothing is ever written through a link. */
export type ArchiveEntry =
  | (Common & { kind: 'directory' })
  | (Common & { kind: 'file'; size: number; body: AsyncIterable<Uint8Array> })
  | (Common & { kind: 'link'; target: string })
  /** A second name of a file that was made before. */
  | (Common & { kind: 'hard-link'; of: string[] });

const MODE_BITS = 0o777;
const DIRECTORY_MODE = 0o755;
/** Linux takes no longer name, and no path of this many bytes. */
const LONGEST_NAME = 255;
const PATH_LIMIT = 4096;
const LONGEST_SHOWN = 100;
/** Links wait in memory: more than anybody has in earnest. */
const MOST_LINK_NAMES = 500_000;
const MOST_LINK_BYTES = 64 * 1024 * 1024;

/**
 * The entries of a tar stream as they are to be made. Names are taken as Linux has them, backslashes and colons too; links
 * are as they are, wherever they lead, and come last. Of two entries with one name the last counts. Each body must be read
 * before the next entry is asked for.
 * @throws ArchiveError for names that lead out, links that others lie below, devices, and what Linux cannot have
 */
export async function* archiveEntries(tar: Readable): AsyncGenerator<ArchiveEntry> {
  const source = extract({ filenameEncoding: 'latin1' } as Parameters<typeof extract>[0]);
  const feeding = pipeline(tar, source as unknown as NodeJS.WritableStream);
  feeding.catch(() => {});
  const links = new HeldLinks<ArchiveEntry & { kind: 'link' }>();
  let linkBytes = 0;
  for await (const entry of source) {
    const read = readHeader(entry.header, entry as unknown as AsyncIterable<Uint8Array>);
    const held = hold(links, read);
    if (!held) yield read;
    if (read.kind !== 'file') entry.resume();
    if (read.kind === 'link') linkBytes += read.target.length;
    if (links.size > MOST_LINK_NAMES || linkBytes > MOST_LINK_BYTES)
      throw new ArchiveError('The archive cannot be unpacked: it has too many links');
  }
  await feeding;
  yield* links.values();
}

/** Keeps what waits for the end. @returns whether it does */
function hold(links: HeldLinks<ArchiveEntry & { kind: 'link' }>, entry: ArchiveEntry): boolean {
  const { path } = entry;
  if (entry.kind === 'directory') {
    if (links.isBelowOrAt(path)) throw unfit(path, 'is or lies below a link of the same archive');
    return false;
  }
  if (links.isBelowOrAt(path.slice(0, -1))) throw unfit(path, 'lies below a link');
  const copied = entry.kind === 'hard-link' ? links.get(entry.of) : undefined;
  const link = entry.kind === 'link' ? entry : copied && { ...copied, path };
  if (!link) {
    links.delete(path);
    return false;
  }
  if (!links.set(path, link)) throw unfit(path, 'is a directory and a link');
  return true;
}

function readHeader(header: Header, body: AsyncIterable<Uint8Array>): ArchiveEntry {
  const { type, mode = 0, mtime = new Date(), size = 0 } = header;
  const pax = header.pax as { path?: string; linkpath?: string } | null | undefined;
  const name = textOf(header.name, pax?.path);
  const path = pathOf(name);
  const common = { path, mode: mode & MODE_BITS, mtime };
  // Old archives know directories by their slash alone.
  if (type === 'directory' || (type === 'file' && name.endsWith('/')))
    return { ...common, kind: 'directory', mode: common.mode || DIRECTORY_MODE };
  if (path.length === 0) throw unfit([header.name], 'is no name of a file');
  if (type === 'file' || type === 'contiguous-file') return { ...common, kind: 'file', size, body };
  if (type === 'symlink' || type === 'link') {
    const target = textOf(header.linkname ?? '', pax?.linkpath);
    if (type === 'link') return { ...common, kind: 'hard-link', of: pathOf(target) };
    checkTarget(path, target);
    return { ...common, kind: 'link', target };
  }
  throw unfit(path, `is a ${type ?? 'thing of an unknown kind'}`);
}

function checkTarget(path: string[], target: string): void {
  if (target === '' || target.includes('\0') || Buffer.byteLength(target) >= PATH_LIMIT)
    throw unfit(path, 'is a link that leads to no name');
}

/** Names outside of pax records come one character a byte. */
function textOf(name: string, inPax: string | undefined): string {
  if (inPax !== undefined) return inPax;
  const bytes = Buffer.from(name, 'latin1');
  if (!isUtf8(bytes)) throw unfit([bytes.toString()], 'is a name in no UTF-8');
  return bytes.toString();
}

/** The parts of a name. @throws ArchiveError when it leads out of its directory, or cannot be */
export function pathOf(name: string): string[] {
  if (name.startsWith('/')) throw unfit([name], 'leads out of its directory');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw unfit([name], 'leads out of its directory');
  if (name.includes('\0')) throw unfit([name], 'is a name with a NUL in it');
  const tooLong = parts.some((part) => Buffer.byteLength(part) > LONGEST_NAME);
  if (tooLong || Buffer.byteLength(parts.join('/')) >= PATH_LIMIT)
    throw unfit([name], 'is too long a name');
  return parts;
}

function unfit(path: string[], what: string): ArchiveError {
  const name = path.join('/').replaceAll('\0', '\\0');
  const shown = name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
  return new ArchiveError(`The archive cannot be unpacked: ${shown} ${what}`);
}
