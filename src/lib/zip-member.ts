import { isUtf8 } from 'node:buffer';
import { type Entry, getFileNameLowLevel } from 'yauzl';

/** What a zip's entry is to be on Linux. */
export interface ZipMember {
  kind: 'file' | 'directory' | 'link';
  /** Below the directory of the archive; empty for the directory itself. */
  path: string[];
  /** Permission bits, or undefined where the archive has none: as a new file gets them. */
  mode: number | undefined;
  mtime: Date;
  /** A name that unzip warns of, and what it had to change about it. */
  oddity?: 'absolute' | 'backslashes';
  /** The name had `..` in it, which unzip takes off. */
  above: boolean;
}

const FAT = 0;
const UNIX = 3;
const FILE_TYPE = 0o170000;
const SYMLINK = 0o120000;
const DIRECTORY = 0o040000;
const DOS_READ_ONLY = 0x01;
const DOS_DIRECTORY = 0x10;
const UNICODE_PATH = 0x7075;
const NAMELESS = new Map([
  ['', '_'],
  ['.', '_'],
  ['..', '__'],
]);

/**
 * Reads an entry as Info-ZIP's unzip does on Linux, which the official host agent uses (CD-AGT-09): a name may have any
 * character, and stays below its directory.
 */
export function zipMember(entry: Entry): ZipMember {
  const host = entry.versionMadeBy >>> 8;
  const written = nameOf(entry);
  // A backslash is a separator only where somebody on Windows used nothing else.
  const windows = host === FAT && written.includes('\\') && !written.includes('/');
  const name = windows ? written.replaceAll('\\', '/') : written;
  const attributes = entry.externalFileAttributes >>> 16;
  const type = host === UNIX ? attributes & FILE_TYPE : 0;
  const isDirectory = name.endsWith('/') || type === DIRECTORY;
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  // What unzip calls a file that would have the name of a directory, or none.
  const nameless = isDirectory ? undefined : NAMELESS.get(name.slice(name.lastIndexOf('/') + 1));
  // A link that leads to no name is an empty file.
  const isLink = type === SYMLINK && entry.uncompressedSize > 0;
  return {
    kind: isDirectory ? 'directory' : isLink ? 'link' : 'file',
    path: [...parts.filter((part) => part !== '..'), ...(nameless ? [nameless] : [])],
    above: parts.includes('..'),
    mode: host === UNIX ? attributes & 0o777 : modeBesideDos(entry.externalFileAttributes),
    mtime: entry.getLastModDate(),
    ...(name.startsWith('/') && { oddity: 'absolute' as const }),
    ...(windows && { oddity: 'backslashes' as const }),
  };
}

/** Names without a mark are UTF-8 (macOS, Linux) or, where they cannot be, of the DOS code page. */
function nameOf(entry: Entry): string {
  const { fileNameRaw: raw, extraFields, generalPurposeBitFlag: flags } = entry;
  const marked = extraFields.some(({ id }) => id === UNICODE_PATH);
  return isUtf8(raw) && !marked
    ? raw.toString('utf8')
    : getFileNameLowLevel(flags, raw, extraFields, true);
}

/** A Unix mode in an archive from elsewhere counts when its owner's bits agree with the DOS attributes. */
function modeBesideDos(attributes: number): number | undefined {
  const mode = (attributes >>> 16) & 0o777;
  const writable = (attributes & DOS_READ_ONLY) === 0 ? 0o2 : 0;
  const executable = (attributes & DOS_DIRECTORY) === 0 ? 0 : 0o1;
  if ((mode & 0o700) === (0o4 | writable | executable) << 6) return mode;
  return writable ? undefined : 0o444 | (executable * 0o111);
}
