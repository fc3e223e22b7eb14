import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { blobKey, CHUNK_BYTES, MAGIC, SALT_BYTES, sealInto } from '../../lib/sealed-chunks.ts';
import { plaintext } from '../../lib/sealed-file.ts';

/** Chunks that go to the disk in one go. */
const BATCH = 16;

/** What a sealed file is bound to, and opens with. */
interface Seal {
  id: string;
  key: Uint8Array;
}

/** Seals files, behind one another, into a new file, and syncs it. @returns the bytes of each */
export async function writeSealed(
  path: string,
  { id, key }: Seal,
  sources: readonly string[],
): Promise<number[]> {
  const salt = randomBytes(SALT_BYTES);
  const own = blobKey(key, salt, id);
  const file = await open(path, 'wx', 0o600);
  try {
    const sizes: number[] = [];
    let parts: Uint8Array[] = [MAGIC, salt];
    let index = 0;
    let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let filled = 0;
    const seal = (last: boolean) => {
      sealInto(parts, own, index++, last, chunk.subarray(0, filled));
      filled = 0;
    };
    for (const source of sources) {
      let size = 0;
      const from = await open(source, 'r');
      try {
        for (;;) {
          // A full chunk is sealed when more comes: only then is it known not to be the last.
          if (filled === CHUNK_BYTES) {
            seal(false);
            chunk = Buffer.allocUnsafe(CHUNK_BYTES);
            if (parts.length >= 2 * BATCH) {
              await writeAll(file, parts);
              parts = [];
            }
          }
          const { bytesRead } = await from.read(chunk, filled, CHUNK_BYTES - filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
          size += bytesRead;
        }
      } finally {
        await from.close();
      }
      sizes.push(size);
    }
    seal(true);
    await writeAll(file, parts);
    await file.sync();
    return sizes;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  await file.appendFile(Buffer.concat(parts));
}

/** Opens a sealed file into several: as many bytes of it into each, in turn. @throws Error when it was changed */
export async function readSealed(
  { path, id, key }: Seal & { path: string },
  targets: readonly { path: string; bytes: number }[],
): Promise<void> {
  const left = [...targets];
  let file: FileHandle | undefined;
  let parts: Buffer[] = [];
  let [gathered, written] = [0, 0];
  const flush = async () => {
    if (gathered > 0) await file?.appendFile(Buffer.concat(parts));
    [parts, gathered] = [[], 0];
  };
  try {
    for await (const piece of plaintext(path, id, key)) {
      let rest: Buffer = piece;
      while (rest.length > 0 || left[0]?.bytes === written) {
        const target = left[0];
        if (!target) throw new Error('A sealed pack is longer than it should be');
        file ??= await open(target.path, 'wx', 0o600);
        const taken = rest.subarray(0, target.bytes - written);
        parts.push(taken);
        gathered += taken.length;
        written += taken.length;
        rest = rest.subarray(taken.length);
        const whole = written === target.bytes;
        if (whole || gathered >= BATCH * CHUNK_BYTES) await flush();
        if (!whole) continue;
        await file.close();
        [file, written] = [undefined, 0];
        left.shift();
      }
    }
    if (left.length > 0) throw new Error('A sealed pack is shorter than it should be');
  } finally {
    await file?.close();
  }
}
