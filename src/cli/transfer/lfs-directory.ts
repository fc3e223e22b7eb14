import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LfsStore, Transfer } from './lfs.ts';

/** The contents of Git LFS beside a repository on this disk, where its own client has them. @param directory of the repository, bare or not */
export function lfsDirectory(directory: string): LfsStore {
  const inner = join(directory, '.git');
  const objects = join(existsSync(inner) ? inner : directory, 'lfs', 'objects');
  // An id is hex and nothing else.
  const fileOf = (oid: string) => join(objects, oid.slice(0, 2), oid.slice(2, 4), oid);
  const isThere = ({ oid, size }: { oid: string; size: number }) => {
    const found = statSync(fileOf(oid), { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === size;
  };
  return {
    name: directory,
    async has(pointers) {
      const there = pointers.filter(isThere);
      return new Map(
        there.map(({ oid }): [string, Transfer] => [
          oid,
          async () => createReadStream(fileOf(oid)),
        ]),
      );
    },
    async lacks(pointers) {
      const lacking = pointers.filter((one) => !isThere(one));
      return new Map(
        lacking.map(({ oid }): [string, Transfer<[Readable]>] => [
          oid,
          (content) => write(fileOf(oid), oid, content),
        ]),
      );
    },
  };
}

async function write(file: string, oid: string, content: Readable): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  try {
    const hash = createHash('sha256');
    await pipeline(
      content,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(draft, { flags: 'wx' }),
    );
    const found = hash.digest('hex');
    if (found !== oid) throw new Error(`the content of ${oid} has the SHA-256 ${found}`);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
