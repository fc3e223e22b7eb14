import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writevSync } from 'node:fs';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { CHUNK_BYTES, MAGIC, sealInto } from '../lib/sealed-chunks.ts';

/** What a thread is asked to write, and the port by which it is told of the bytes. */
export interface SealingJob {
  port: MessagePort;
  /** An empty file, which nobody else writes to. It is not made again when it is gone. */
  path: string;
  /** The blob's own key. */
  key: Uint8Array;
  salt: Uint8Array;
  /** Slots of `slotBytes` bytes, which the sender fills and the thread empties. */
  memory: SharedArrayBuffer;
  slotBytes: number;
}

/** A slot that has been filled; all but the last are full. */
export interface FilledSlot {
  slot: number;
  bytes: number;
  last: boolean;
}

/** What the thread says: a slot is free again; all is written and synced; or why not. */
export type SealingAnswer =
  | { free: number }
  | { md5: string; size: number }
  | { failed: { message: string; code: string | undefined } };

/*
 * Runs as a thread: hashes, encrypts and writes what others take off the network, so that the thread that answers
 * calls does none of it. It knows nothing but the bytes of its jobs: a job that is dropped half way leaves a file, which
 * whoever made it removes.
 */
parentPort?.on('message', (job: SealingJob) => {
  const { port } = job;
  const say = (answer: SealingAnswer) => port.postMessage(answer);
  let write: ReturnType<typeof writer> | undefined;
  port.on('close', () => write?.close());
  try {
    write = writer(job);
  } catch (error) {
    say(failure(error));
  }
  port.on('message', ({ slot, bytes, last }: FilledSlot) => {
    if (!write) return;
    try {
      write.slot(slot, bytes, last);
      say(last ? write.end() : { free: slot });
    } catch (error) {
      write.close();
      write = undefined;
      say(failure(error));
    }
  });
});

function failure(error: unknown): SealingAnswer {
  const { message, code } = error as NodeJS.ErrnoException;
  return { failed: { message, code } };
}

function writer({ path, key, salt, memory, slotBytes }: SealingJob) {
  const md5 = createHash('md5');
  const own = Buffer.from(key);
  let file: number | undefined = openSync(path, 'r+');
  let size = 0;
  let index = 0;
  let parts: Uint8Array[] = [MAGIC, salt];
  return {
    slot(slot: number, bytes: number, last: boolean): void {
      const data = new Uint8Array(memory, slot * slotBytes, bytes);
      md5.update(data);
      size += bytes;
      let at = 0;
      do {
        const chunk = data.subarray(at, at + CHUNK_BYTES);
        at += chunk.length;
        sealInto(parts, own, index++, last && at === bytes, chunk);
      } while (at < bytes);
      writeAll(file as number, parts);
      parts = [];
    },
    end(): SealingAnswer {
      fsyncSync(file as number);
      this.close();
      return { md5: md5.digest('hex'), size };
    },
    close(): void {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** A call may write less than it is given. */
function writeAll(file: number, parts: Uint8Array[]): void {
  let rest = parts;
  for (;;) {
    let written = writevSync(file, rest);
    const whole = rest.findIndex((part) => {
      if (written < part.length) return true;
      written -= part.length;
      return false;
    });
    if (whole < 0) return;
    rest = [rest[whole]?.subarray(written) ?? new Uint8Array(), ...rest.slice(whole + 1)];
  }
}
