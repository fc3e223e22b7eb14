import { createWriteStream } from 'node:fs';
import { finished, pipeline } from 'node:stream/promises';
import { LinuxZipFile } from '../../../lib/linux-zip-file.ts';
import type { WorkFile } from './work-files.ts';

const SYMLINK_MODE = 0o120777;
const FILE_TYPE = 0o100000;

/** What of a file of the build's goes into its artifacts. */
export type ArtifactFile = Omit<WorkFile, 'path'>;

/** Writes a ZIP file of them. @returns how many there are */
export async function zipFiles(
  files: AsyncIterable<ArtifactFile>,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const zip = new LinuxZipFile();
  const writing = pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }), { signal });
  writing.catch(() => {});
  let count = 0;
  try {
    for await (const file of files) {
      count++;
      await add(zip, file);
    }
  } catch (error) {
    zip.outputStream.unpipe();
    throw error;
  }
  zip.end();
  await writing;
  return count;
}

async function add(
  zip: LinuxZipFile,
  { name, mode, mtime, size, link, body }: ArtifactFile,
): Promise<void> {
  const time = mtime ? { mtime } : {};
  if (link !== undefined) {
    body.resume();
    zip.addBuffer(Buffer.from(link), name, { ...time, mode: SYMLINK_MODE });
    return;
  }
  if (size === 0) {
    body.resume();
    zip.addBuffer(Buffer.alloc(0), name, { ...time, mode: FILE_TYPE | mode, compress: false });
    return;
  }
  zip.addReadStream(body, name, { ...time, mode: FILE_TYPE | mode });
  await finished(body, { writable: false });
}
