import type { Readable } from 'node:stream';

/** Waits until there is something to be read of a paused stream, or it is over. @throws what it has failed with */
export function moreOf(stream: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      stream.off('readable', settle).off('end', settle).off('close', settle).off('error', settle);
      error ? reject(error) : resolve();
    };
    stream.once('readable', settle).once('end', settle);
    stream.once('close', settle).once('error', settle);
  });
}
