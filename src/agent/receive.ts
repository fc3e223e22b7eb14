import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { atMost, TooLong } from '../lib/at-most.ts';
import { isRefusal, statusOf } from '../lib/refusal.ts';
import type { Patience } from './ask.ts';
import { tryAgain } from './try-again.ts';

/** A server that starts again is back by then; beyond it, the deployment has to be told. */
const TRY_FOR_MS = 60_000;
/** An event that lasts for an hour has failed for the server. */
const PATIENCE: Patience = { idleMs: 60_000, longestMs: 60 * 60_000 };

/** Looks at the clock while a bundle comes. */
export interface Watch {
  signal: AbortSignal;
  heard(): void;
  end(): void;
}

/**
 * Brings a bundle into `file`: while nobody answers it is tried again, and each try is bounded in time.
 * @param take one try @throws Error, and there is no file then
 */
export async function bringInto(
  file: string,
  { whom, patience }: { whom: string; patience: Partial<Patience> | undefined },
  take: (watch: Watch) => Promise<void>,
): Promise<void> {
  const watched = async () => {
    const watch = watchFor(whom, { ...PATIENCE, ...patience });
    try {
      await take(watch);
    } catch (error) {
      throw watch.signal.aborted ? watch.signal.reason : error;
    } finally {
      watch.end();
    }
  };
  try {
    await tryAgain(watched, { isPassing, forMs: TRY_FOR_MS });
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Aborts when nothing has been heard for too long, or when it takes too long in all. */
function watchFor(whom: string, { idleMs, longestMs }: Patience): Watch {
  const over = new AbortController();
  const stalled = Object.assign(new Error(`${whom} has sent nothing for too long`), {
    code: 'ETIMEDOUT',
  });
  const idle = setTimeout(() => over.abort(stalled), idleMs);
  const longest = setTimeout(() => over.abort(new Error('The bundle takes too long')), longestMs);
  return {
    signal: over.signal,
    heard: () => void idle.refresh(),
    end() {
      clearTimeout(idle);
      clearTimeout(longest);
    },
  };
}

/** How long a bundle may be of which nobody has said so. What is unpacked takes as much again. */
export async function roomFor(file: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  return Math.floor((bavail * bsize) / 2);
}

/** Writes what comes into a file. @returns its SHA-256 in Base64 @throws TooLong, Error */
export async function receive(
  body: Readable,
  { file, most, watch }: { file: string; most: number; watch: Watch },
): Promise<string> {
  const hash = createHash('sha256');
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of atMost(chunks, most, 'The bundle')) {
      watch.heard();
      hash.update(chunk);
      yield chunk;
    }
  };
  const target = createWriteStream(file);
  try {
    await pipeline(body, counted, target, { signal: watch.signal });
  } finally {
    // One that failed at once may still be about to make the file that is deleted then.
    if (!target.closed) await once(target, 'close');
  }
  return hash.digest('base64');
}

const NETWORK_FAILURES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** No answer or half of one, throttling, or a fault of the server. */
function isPassing(error: unknown): boolean {
  if (error instanceof TooLong) return false;
  const status = statusOf(error);
  // Nobody is followed elsewhere, and is not better where it is asked again.
  if (status !== undefined) return status >= 400 && !isRefusal(error);
  return isNetworkFailure(error);
}

/** Nobody answered, or half of it came. */
function isNetworkFailure(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return name === 'TimeoutError' || NETWORK_FAILURES.has(code ?? '');
}
