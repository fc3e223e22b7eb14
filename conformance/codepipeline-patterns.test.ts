import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Upstream, upstreamEnvironment } from '../src/testing/upstream.ts';
import { cloudFormationStub, makeGround, patternsOf } from './patterns.ts';
import { runPattern } from './patterns-run.ts';
import { startServer, type TestServer } from './server.ts';

/** `npm run soak -- patterns` has twenty of each, and SUPERSEDED too. */
const PUSHES = 2;

let server: TestServer;
let cloudFormation: Upstream;

beforeAll(async () => {
  // Its stacks are there: nothing waits for the next look.
  cloudFormation = await cloudFormationStub(0);
  server = await startServer({ env: upstreamEnvironment(cloudFormation, 'cloudformation') });
});

afterAll(async () => {
  await server?.stop();
  await cloudFormation?.close();
});

test('the four patterns: three executions of each in a row while pushes come, in order to their end', {
  timeout: 180_000,
}, async () => {
  const role = await makeGround(server);
  const run = { pushes: PUSHES, pause: async () => {}, withinMs: 120_000 };
  const found = await Promise.all(
    patternsOf(role, 'QUEUED').map((pattern) => runPattern(server, role, pattern, run)),
  );
  expect(found.flat()).toEqual([]);
});
