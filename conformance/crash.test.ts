import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { eventually, randomMoments } from './eventually.ts';
import { type Journey, startJourney } from './journey.ts';
import { expectOutcome, finished } from './outcome.ts';
import { startServer, type TestServer } from './server.ts';

/** Each is killed five times. What the gate has time for; four are the whole test (docs/development.md). */
const EXECUTIONS = Number(process.env.SLIPWAY_TEST_EXECUTIONS ?? 2);
const KILLS_EACH = 5;
/** An execution takes a few seconds; kills fall anywhere in it. */
const WITHIN_MS = 1500;
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);

let server: TestServer;
let journey: Journey;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-crash-'));
  server = await startServer();
  journey = await startJourney(server, directory);
});

afterAll(async () => {
  await journey?.stop();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test(`kill -9 at random moments changes nothing in the outcome (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const atRandomMoment = randomMoments(seed);
  for (let execution = 0; execution < EXECUTIONS; execution += 1) {
    if (execution > 0)
      await eventually('the push', () => journey.push(`Push ${execution}`).then(() => true));
    for (let kill = 0; kill < KILLS_EACH; kill += 1) {
      await atRandomMoment(WITHIN_MS);
      await server.kill();
      await server.restart();
    }
    await finished(journey, execution + 1);
  }
  await expectOutcome(journey, server.client, EXECUTIONS);
});
