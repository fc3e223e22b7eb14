import { afterAll, beforeAll, describe, test } from 'vitest';
import { eventually, randomMoments } from './eventually.ts';
import { type Journey, startJourney } from './journey.ts';
import { expectOutcome, finished } from './outcome.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';

/** Each execution loses one server, then the other. */
const EXECUTIONS = 2;
/** An execution takes a few seconds; the kill falls anywhere in it. */
const WITHIN_MS = 3_000;
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);
const postgres = process.env.SLIPWAY_TEST_POSTGRES;

if (!postgres && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no PostgreSQL, and SLIPWAY_TEST_ALL asks for every test');

describe.skipIf(!postgres)(
  `two servers on one PostgreSQL${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    let two: TwoServers;
    let journey: Journey;

    beforeAll(async () => {
      two = await startTwoServers(postgres ?? '');
      journey = await startJourney(two.front, two.directory);
    });

    afterAll(async () => {
      await journey?.stop();
      await two?.stop();
    });

    test(`killing either in the middle changes nothing in the outcome (seed ${seed})`, {
      timeout: 300_000,
    }, async () => {
      const atRandomMoment = randomMoments(seed);
      for (let execution = 0; execution < EXECUTIONS; execution += 1) {
        if (execution > 0)
          await eventually('the push', () => journey.push(`Push ${execution}`).then(() => true));
        await atRandomMoment(WITHIN_MS);
        const victim = two.servers[execution % two.servers.length];
        await victim?.kill();
        // The other one has to end it alone.
        await finished(journey, execution + 1);
        await victim?.restart();
      }
      await expectOutcome(journey, two.front.client, EXECUTIONS);
    });
  },
);
