import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { breach, LEVELS, STRATEGIES } from './laws/testing.ts';
import { cases, type MergeGround, mergeGround } from './testing.ts';

/** Merged at once where what is in conflict is settled; `npm run soak -- merges` has 500, each by itself and in each way. */
const COPIES = 5;
const SINGLES = 4;

let ground: MergeGround;

beforeAll(async () => {
  ground = await mergeGround({ copies: COPIES });
});
afterAll(() => ground?.close());

const several = fc.array(cases, { minLength: COPIES, maxLength: COPIES });
const settling = STRATEGIES.filter((strategy) => strategy !== 'NONE');

test.each(LEVELS.flatMap((level) => settling.map((strategy) => [level, strategy] as const)))(
  'CC-MRG-02, CC-MRG-03, CC-MRG-04: %s %s is what `git merge` and somebody who resolves its conflicts make of it',
  { timeout: 60_000 },
  async (level, strategy) => {
    await fc.assert(
      fc.asyncProperty(several, async (all) => {
        expect(await breach(ground, all, { level, strategy })).toBeUndefined();
      }),
      { numRuns: 1, endOnFailure: true },
    );
  },
);

test('CC-MRG-01, CC-MRG-02: what merges by itself is what `git merge` makes of it', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.constantFrom(...LEVELS), async (one, level) => {
      expect(await breach(ground, [one], { level, strategy: 'NONE' })).toBeUndefined();
    }),
    { numRuns: SINGLES, endOnFailure: true },
  );
});
