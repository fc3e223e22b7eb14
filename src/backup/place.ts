import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Where a backup lies. Paths are relative, with `/`, and have been checked (manifest.ts) before they come here. */
export interface Place {
  /** For messages: the directory, or `s3://bucket/prefix`. */
  name: string;
  /** Makes it ready to be written into. @throws StartError where something is there already */
  claim(): Promise<void>;
  /** Writes a file durably, or replaces one. */
  write(path: string, body: Readable): Promise<void>;
  /** @throws Missing */
  read(path: string): Promise<Readable>;
  close(): void;
}

/** The file is not in the place. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

/** What a stream that went through was. */
export interface Measured {
  size: number;
  sha256: string;
}

/** Passes a stream on; `measured` tells what it was once all of it has gone through. */
export function measuring(source: AsyncIterable<Uint8Array>): {
  stream: AsyncGenerator<Uint8Array>;
  measured(): Measured;
} {
  const sum = createHash('sha256');
  let size = 0;
  async function* through() {
    for await (const piece of source) {
      size += piece.length;
      sum.update(piece);
      yield piece;
    }
  }
  return { stream: through(), measured: () => ({ size, sha256: sum.digest('hex') }) };
}

/** Does `work` for each, `most` at a time. The first failure ends it, once what has begun is over. */
export async function forEach<T>(
  items: AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const next = items[Symbol.asyncIterator]();
  let failed = false;
  // Generators queue up calls of `next`, so that several may take from one.
  const worker = async () => {
    while (!failed) {
      const { done, value } = await next.next();
      if (done) return;
      await work(value);
    }
  };
  const all = Array.from({ length: most }, () =>
    worker().catch((error) => {
      failed = true;
      throw error;
    }),
  );
  const ends = await Promise.allSettled(all);
  const failure = ends.find((end) => end.status === 'rejected');
  await next.return?.();
  if (failure) throw failure.reason;
}
