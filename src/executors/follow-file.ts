import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';

const CHUNK_BYTES = 64 * 1024;
/** File systems without change notices (network mounts) are looked at this often. */
const SLOW_POLL_MS = 1000;

/**
 * Resolves at the next change of what `path` names, after a second at the latest, or when `signal` aborts.
 * `ready` runs once the watch is set: what it finds true ends the wait, so that no change is missed.
 */
export async function nextChange(
  path: string,
  ready: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SLOW_POLL_MS);
  const wake = () => resolve();
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(path, wake);
    watcher.on('error', wake);
  } catch {
    // Gone, or out of watches: the timer has to do.
  }
  signal?.addEventListener('abort', wake);
  try {
    if (signal?.aborted || (await ready())) return;
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', wake);
    watcher?.close();
  }
}

/** The bytes of a growing file from `offset` on, until `ended` says that nothing more will be written. */
export function followFile(
  path: string,
  offset: number,
  ended: () => Promise<boolean>,
  signal?: AbortSignal,
): Readable {
  return Readable.from(chunks(path, offset, ended, signal), { objectMode: false });
}

async function* chunks(
  path: string,
  offset: number,
  ended: () => Promise<boolean>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  // Closed in `finally`, not by `using`: the import check cannot read that yet.
  const file = await open(path, 'r');
  try {
    let position = offset;
    const read = async () => {
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(CHUNK_BYTES),
        0,
        CHUNK_BYTES,
        position,
      );
      position += bytesRead;
      return buffer.subarray(0, bytesRead);
    };
    while (!signal?.aborted) {
      // Asked before reading: what was written before the end is read after the answer.
      const last = await ended();
      let chunk = await read();
      while (chunk.length > 0) {
        yield chunk;
        if (signal?.aborted) return;
        chunk = await read();
      }
      if (last) return;
      // The directory tells of this file and of the one that marks the end.
      await nextChange(
        dirname(path),
        async () => (await file.stat()).size > position || (await ended()),
        signal,
      );
    }
  } finally {
    await file.close();
  }
}
