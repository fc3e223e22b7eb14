import { isUtf8 } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { pack as newPack, type Pack } from 'tar-stream';
import type { Entry, ZipFile } from 'yauzl';
import { packed, writeEntry } from '../../../executors/tree-tar.ts';
import { zipContent, zipPieces } from '../../../lib/zip-content.ts';
import { openZip } from '../../../lib/zip-file.ts';
import { type ZipMember, zipMember } from '../../../lib/zip-member.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { type FetchedSource, TooLarge } from './source.ts';
import { textInZip } from './zip-text.ts';

const DEFAULT_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** The build is root on AWS and may do all; where it is not, its directories must let it all the same. */
const OWNER_BITS = 0o700;
const MAX_LINK_BYTES = 4096;
const MOST_WARNINGS = 20;
const LONGEST_SHOWN = 200;

interface Found {
  zip: ZipFile;
  entry: Entry;
  member: ZipMember;
}

/**
 * A ZIP file as a source, unpacked as unzip does on Linux: names may have any character, slashes before them and `..` in
 * them go, with a warning, and links are as they are.
 * @param file on the server's disk
 */
export function zipSource(file: string): FetchedSource {
  const warnings: string[] = [];
  return {
    warnings,
    tar() {
      const pack = newPack();
      void packAll(file, pack, warnings).then(
        () => pack.finalize(),
        // A reader that went away has its own reason.
        (error: Error) => pack.destroy(pack.destroyed ? error : damaged(error)),
      );
      return packed(pack);
    },
    readText: (path) =>
      textInZip(file, path).catch((error) => {
        throw damaged(error);
      }),
  };
}

async function* entries(file: string): AsyncGenerator<Found> {
  const { zip, close } = await openZip(file).catch((error: Error) => {
    const message = `The source is not a valid ZIP file: ${error.message}`;
    throw new PhaseFailure('CLIENT_ERROR', message);
  });
  try {
    for await (const entry of zip.eachEntry()) yield { zip, entry, member: zipMember(entry) };
  } catch (error) {
    throw damaged(error as Error);
  } finally {
    await close();
  }
}

/** Data that do not fit their sums, lengths or compression. */
function damaged(error: Error): Error {
  if (error instanceof PhaseFailure || error instanceof TooLarge) return error;
  const message = `The source ZIP file cannot be unpacked: ${error.message}`;
  return new PhaseFailure('CLIENT_ERROR', message);
}

async function packAll(file: string, pack: Pack, warnings: string[]): Promise<void> {
  for await (const found of entries(file)) {
    warn(found, warnings);
    if (found.member.path.length > 0) await packEntry(found, pack);
  }
}

async function packEntry(found: Found, pack: Pack): Promise<void> {
  const { zip, entry, member } = found;
  const { path, kind, mtime, mode } = member;
  const common = { name: path.join('/'), mtime };
  if (common.name.includes('\0'))
    throw new PhaseFailure(
      'CLIENT_ERROR',
      `The source has a name with a NUL in it: ${shown(path)}`,
    );
  if (kind === 'directory') {
    const header = { ...common, mode: (mode || DIRECTORY_MODE) | OWNER_BITS, type: kind };
    await writeEntry(pack, header, []);
  } else if (kind === 'link') {
    const linkname = await targetOf(found);
    await writeEntry(pack, { ...common, type: 'symlink', linkname }, []);
  } else {
    // `size` is what the archive promises; yauzl fails when the data say otherwise.
    const header = { ...common, mode: mode || DEFAULT_MODE, size: entry.uncompressedSize };
    await writeEntry(pack, { ...header, type: kind }, await zipPieces(zip, entry));
  }
}

async function targetOf({ zip, entry, member }: Found): Promise<string> {
  const unusable = (what: string) =>
    new PhaseFailure(
      'CLIENT_ERROR',
      `The source has a link whose target ${what}: ${shown(member.path)}`,
    );
  if (entry.uncompressedSize >= MAX_LINK_BYTES) throw unusable('is too long');
  const target = await buffer(await zipContent(zip, entry));
  if (!isUtf8(target) || target.includes(0)) throw unusable('is no path in UTF-8');
  return target.toString();
}

/** In unzip's words. */
function warn({ member }: Found, warnings: string[]): void {
  const add = (what: string) => {
    if (warnings.length < MOST_WARNINGS) warnings.push(`warning:  ${what} ${shown(member.path)}`);
  };
  if (member.oddity === 'absolute') add('stripped absolute path spec from');
  if (member.above) add('skipped "../" path component(s) in');
}

const shown = (path: string[]) =>
  JSON.stringify(path.join('/').slice(0, LONGEST_SHOWN)).slice(1, -1);
