import { setTimeout as wait } from 'node:timers/promises';

export interface TryAgainOptions {
  /** Is this a failure that may be gone the next time? */
  isPassing(error: unknown): boolean;
  /** How long after the first failure it is still tried; default for ever. */
  forMs?: number;
  /** Ends waiting and trying again. */
  signal?: AbortSignal;
  /** Told of the first failure after which it is tried again. */
  onFirst?(error: unknown): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;

/** Does `work` until it succeeds, with longer and longer waits. @throws what `work` throws, when that does not pass */
export async function tryAgain<T>(
  work: () => Promise<T>,
  { isPassing, forMs = Number.POSITIVE_INFINITY, signal, onFirst }: TryAgainOptions,
): Promise<T> {
  let failedFirst: number | undefined;
  for (let delay = FIRST_RETRY_MS; ; delay = Math.min(delay * 2, LONGEST_RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      const isFirst = failedFirst === undefined;
      failedFirst ??= Date.now();
      if (!isPassing(error) || signal?.aborted || Date.now() - failedFirst > forMs) throw error;
      if (isFirst) onFirst?.(error);
      await wait(delay, undefined, { signal }).catch(() => {});
    }
  }
}
