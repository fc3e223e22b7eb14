import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { privateDirectory, syncDirectory } from '../lib/files.ts';
import { StartError } from '../lib/start-error.ts';
import { Missing, type Place } from './place.ts';

/** A directory, which nobody but its owner reads. */
export function directoryPlace(directory: string): Place {
  return {
    name: directory,
    async claim() {
      privateDirectory(directory);
      if ((await readdir(directory)).length > 0)
        throw new StartError(`${directory} is not empty: a backup needs a place of its own.`);
    },
    async write(path, body) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      // Whole or not at all, also where one of the name is there from before.
      const draft = `${file}.part`;
      await pipeline(body, createWriteStream(draft, { mode: 0o600, flush: true }));
      await rename(draft, file);
      await syncDirectory(dirname(file));
    },
    async read(path) {
      const file = await open(join(directory, path), 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
          throw new Missing(`${directory} has no ${path}`);
        throw error;
      });
      // Neither a pipe, which has no end, nor a directory.
      if (!(await file.stat()).isFile()) {
        await file.close();
        throw new Missing(`${directory} has no file ${path}`);
      }
      return createReadStream('', { fd: file }) as Readable;
    },
    close() {},
  };
}
