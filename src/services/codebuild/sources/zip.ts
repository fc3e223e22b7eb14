import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pack as newPack, type Pack } from 'tar-stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { writeEntry } from '../../../executors/tree-tar.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { type FetchedSource, MAX_BUILDSPEC_BYTES } from './source.ts';

const TYPE_BITS = 0o170000;
const SYMLINK = 0o120000;
const DIRECTORY = 0o040000;
const PERMISSION_BITS = 0o777;
const DEFAULT_MODE = 0o644;
const MAX_LINK_BYTES = 4096;

/**
 * A ZIP file as a source. Entries that would land outside of their place (absolute, `..`, links that lead out)
 * are the end of the build, not skipped: such an archive is an attack or a mistake.
 * @param file on the server's disk
 */
export function zipSource(file: string): FetchedSource {
  return {
    tar() {
      const pack = newPack();
      void packAll(file, pack).then(
        () => pack.finalize(),
        // A reader that went away has its own reason.
        (error: Error) => pack.destroy(pack.destroyed ? error : damaged(error)),
      );
      return Readable.from(pack);
    },
    async readText(path) {
      for await (const { zip, entry } of entries(file)) {
        if (posix.normalize(entry.fileName) !== posix.normalize(path)) continue;
        if (entry.uncompressedSize > MAX_BUILDSPEC_BYTES) return undefined;
        return text(await zip.openReadStreamPromise(entry)).catch((error) => {
          throw damaged(error);
        });
      }
      return undefined;
    },
  };
}

async function* entries(file: string): AsyncGenerator<{ zip: ZipFile; entry: Entry }> {
  let zip: ZipFile;
  try {
    zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: false });
  } catch (error) {
    throw new PhaseFailure(
      'CLIENT_ERROR',
      `The source is not a valid ZIP file: ${(error as Error).message}`,
    );
  }
  try {
    for await (const entry of zip.eachEntry()) yield { zip, entry };
  } catch (error) {
    throw damaged(error as Error);
  } finally {
    zip.close();
  }
}

/** Data that do not fit their sums, lengths or compression. */
function damaged(error: Error): PhaseFailure {
  if (error instanceof PhaseFailure) return error;
  const message = `The source ZIP file cannot be unpacked: ${error.message}`;
  return new PhaseFailure('CLIENT_ERROR', message);
}

async function packAll(file: string, pack: Pack): Promise<void> {
  for await (const { zip, entry } of entries(file)) {
    const name = safeName(entry.fileName);
    const unixMode = entry.externalFileAttributes >>> 16;
    const type = unixMode & TYPE_BITS;
    const common = {
      name,
      mtime: entry.getLastModDate(),
      mode: unixMode & PERMISSION_BITS || DEFAULT_MODE,
    };
    if (entry.fileName.endsWith('/') || type === DIRECTORY) {
      await finished((done) => pack.entry({ ...common, mode: 0o755, type: 'directory' }, done));
    } else if (type === SYMLINK) {
      if (entry.uncompressedSize > MAX_LINK_BYTES) throw unsafe(entry.fileName);
      const linkname = (await buffer(await zip.openReadStreamPromise(entry))).toString();
      if (leadsOut(name, linkname)) throw unsafe(`${entry.fileName} -> ${linkname}`);
      await finished((done) => pack.entry({ ...common, type: 'symlink', linkname }, done));
    } else {
      // `size` is what the archive promises; yauzl fails when the data say otherwise.
      const header = { ...common, type: 'file' as const, size: entry.uncompressedSize };
      await writeEntry(pack, header, await zip.openReadStreamPromise(entry));
    }
  }
}

function finished(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

/** A name that stays below the directory. @throws PhaseFailure when it does not */
export function safeName(fileName: string): string {
  const name = posix.normalize(fileName.replaceAll('\\', '/'));
  if (
    posix.isAbsolute(name) ||
    /^[A-Za-z]:/.test(name) ||
    name === '..' ||
    name.startsWith('../') ||
    name.includes('\0')
  ) {
    throw unsafe(fileName);
  }
  return name;
}

function leadsOut(name: string, target: string): boolean {
  const resolved = posix.normalize(posix.join(posix.dirname(name), target));
  return posix.isAbsolute(target) || resolved === '..' || resolved.startsWith('../');
}

function unsafe(name: string): PhaseFailure {
  return new PhaseFailure(
    'CLIENT_ERROR',
    `The source has an entry that leads out of its directory: ${name}`,
  );
}
