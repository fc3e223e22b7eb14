import type { Sweeps } from '../../kit/manifest.ts';
import { CHUNK_LENGTH, KEPT_MS, MERGED_AFTER_MS } from './limits.ts';
import { hasOlder, type Mergeable, type Owner, ownersToMerge } from './store/chunks.ts';

/** So many short chunks are worth being merged. */
const WORTH_MERGING = 50;

export const keyOf = ({ accountId, region }: Owner) => `${accountId}/${region}`;

/** @param now epoch milliseconds */
export const mergeableAt = (now: number): Mergeable => ({
  before: now - MERGED_AFTER_MS,
  shorterThan: CHUNK_LENGTH / 2,
});

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'cloudtrail/purge': async ({ db, clock }) =>
    (await hasOlder(db, clock.now().getTime() - KEPT_MS)) ? ['history'] : [],
  'cloudtrail/merge': async ({ db, clock }) => {
    const mergeable = mergeableAt(clock.now().getTime());
    return (await ownersToMerge(db, mergeable, WORTH_MERGING)).map(keyOf);
  },
} satisfies Sweeps;
