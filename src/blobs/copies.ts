import { createReadStream, type Dirent } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Epoch milliseconds, both inclusive. */
export interface Span {
  from: number;
  until: number;
}

/**
 * Paths of the blobs of a directory, sealed as they are, that were stored in a span: `AREA/ab/abcdef…`. A blob never
 * changes once it is there.
 */
export async function* blobPaths(directory: string, span: Span): AsyncGenerator<string> {
  for await (const area of entries(directory)) {
    for await (const shard of entries(join(directory, area.name))) {
      if (!/^[0-9a-f]{2}$/.test(shard.name)) continue;
      for await (const { name } of entries(join(directory, area.name, shard.name))) {
        const path = `${area.name}/${shard.name}/${name}`;
        if (await isStoredIn(join(directory, path), span)) yield path;
      }
    }
  }
}

/** The sealed bytes of a blob; undefined when it is gone. */
export async function blobFile(directory: string, path: string): Promise<Readable | undefined> {
  const file = await orGone(open(join(directory, path), 'r'));
  return file && createReadStream('', { fd: file });
}

async function isStoredIn(file: string, { from, until }: Span): Promise<boolean> {
  const handle = await orGone(open(file, 'r'));
  if (!handle) return false;
  try {
    const stat = await handle.stat();
    return stat.isFile() && stat.mtimeMs >= from && stat.mtimeMs <= until;
  } finally {
    await handle.close();
  }
}

async function* entries(directory: string): AsyncGenerator<Dirent> {
  const found = await orGone(opendir(directory));
  if (found) yield* found;
}

async function orGone<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}
