import { expect, test } from 'vitest';
import type { Executors } from '../../../executors/several.ts';
import { endFiller, fillsDisk } from './disk-filler.ts';
import type { Session } from './session.ts';

/** A full disk, and on it the work of two builds: `filler` has written most of it. */
function fullDisk() {
  const bytes = new Map([
    ['process:filler', 40_000_000],
    ['process:beside', 7_000_000],
  ]);
  let full = true;
  const reclaiming = Promise.withResolvers<void>();
  const executors = {
    largest: async () => {
      const [most] = [...bytes].sort(([, a], [, b]) => b - a);
      return most && { handle: most[0], bytes: most[1] };
    },
    stop: async (handle: string) => void bytes.delete(handle),
    reclaim: async () => {
      await reclaiming.promise;
      full = false;
    },
  } as unknown as Executors;
  const platform = {
    executors,
    disk: { isFull: () => full, fullSince: { at: 0, found: false }, bytes: 6_000_000 },
    log: { warn: () => undefined },
    transaction: async () => undefined,
  };
  const session = (name: string) =>
    ({
      platform,
      stored: { id: `${name}:1`, run: { handle: `process:${name}` } },
      signal: new AbortController().signal,
    }) as unknown as Session;
  return { filler: session('filler'), beside: session('beside'), reclaiming };
}

test('of all builds the one that has written most fills the disk', async () => {
  const { filler, beside } = fullDisk();
  expect(await Promise.all([fillsDisk(beside), fillsDisk(filler)])).toEqual([false, true]);
});

test('while it is being ended the next largest is not taken for it', async () => {
  const { filler, beside, reclaiming } = fullDisk();
  const ended = endFiller(filler);
  await expect.poll(() => fillsDisk(filler)).toBe(false);
  expect(await fillsDisk(beside)).toBe(false);
  reclaiming.resolve();
  await ended;
  expect(await fillsDisk(beside)).toBe(false);
});
