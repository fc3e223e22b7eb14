import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomMoments } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';
import { allEnded, breaches, MODES, makeStorm, type Storm, start } from './storm.ts';

/** `npm run soak -- storm` has two hundred executions, also on PostgreSQL with two servers. */
const KILLS = 6;
const WITHIN_MS = 800;
const storm: Storm = {
  pipelines: MODES.map((mode) => ({ name: mode, mode })),
  each: 7,
  builds: false,
};
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await makeStorm(server, storm);
});

afterAll(async () => {
  await server?.stop();
});

test(`CP-C4, CP-C5, CP-C6, CP-C23: kill -9 at random moments, in all modes (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const atRandomMoment = randomMoments(seed);
  const starting = start(server, storm);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await atRandomMoment(WITHIN_MS);
    await server.kill();
    await server.restart();
  }
  const started = await starting;
  await allEnded(server, storm);
  expect(await breaches(server, storm, started)).toEqual([]);
});
