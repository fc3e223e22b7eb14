import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { limits } from '../limits.ts';
import { ActionFailure } from './failure.ts';

export interface ZipEntry {
  /** Relative, with `/`, without `..`. */
  name: string;
  /** Bytes when unpacked. */
  size: number;
  open(): Promise<Readable>;
}

/**
 * Calls `visit` for each file of a ZIP, one after another; folders are left out. Nothing is unpacked to disk.
 * @throws ActionFailure for what is no ZIP, or has names that lead out of it
 */
export async function eachZipEntry(
  file: string,
  visit: (entry: ZipEntry) => Promise<void>,
): Promise<void> {
  const zip = await open(file);
  try {
    if (zip.entryCount > limits.artifactFiles) {
      throw new ActionFailure(
        'ConfigurationError',
        `The artifact has ${zip.entryCount} files; at most ${limits.artifactFiles} are allowed`,
      );
    }
    for (let entry = await next(zip); entry; entry = await next(zip)) {
      if (entry.fileName.endsWith('/')) continue;
      const found = entry;
      await visit({
        name: entry.fileName,
        size: entry.uncompressedSize,
        open: () => openEntry(zip, found),
      });
    }
  } finally {
    zip.close();
  }
}

function open(file: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    // Names are decoded and checked by yauzl: no absolute ones, no `..`, no backslashes.
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
    yauzl.open(file, options, (error, zip) => (zip ? resolve(zip) : reject(notReadable(error))));
  });
}

function next(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      zip.off('entry', onEntry).off('end', onEnd).off('error', onError);
      action();
    };
    const onEntry = (entry: yauzl.Entry) => settle(() => resolve(entry));
    const onEnd = () => settle(() => resolve(undefined));
    const onError = (error: Error) => settle(() => reject(notReadable(error)));
    zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
    zip.readEntry();
  });
}

function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) =>
      stream ? resolve(stream) : reject(notReadable(error)),
    );
  });
}

function notReadable(error: Error | null): ActionFailure {
  return new ActionFailure(
    'ConfigurationError',
    `The artifact is not a ZIP that can be unpacked: ${error?.message ?? 'unknown error'}`,
  );
}
