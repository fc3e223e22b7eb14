import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Balancer, startBalancer } from './balancer.ts';
import { eventually, randomMoments } from './eventually.ts';
import { type Journey, startJourney } from './journey.ts';
import { expectOutcome, finished } from './outcome.ts';
import { cliEnvironment, startServer, type TestServer } from './server.ts';

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
    const name = `slipway_two_${randomBytes(6).toString('hex')}`;
    let directory: string;
    let servers: TestServer[] = [];
    let balancer: Balancer;
    /** The servers as their users see them: one address. */
    let front: TestServer;
    let journey: Journey;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'slipway-two-'));
      await onServer(`create database ${name}`);
      const url = new URL(postgres ?? '');
      url.pathname = `/${name}`;
      // The password stays out of the process list.
      const options = { dataDir: join(directory, 'data'), env: { SLIPWAY_DATABASE: url.href } };
      servers = await Promise.all([startServer(options), startServer(options)]);
      balancer = await startBalancer(
        servers.map((server) => Number(new URL(server.endpoint).port)),
      );
      const [first] = servers;
      if (!first) throw new Error('There are two.');
      const endpoint = `http://127.0.0.1:${balancer.port}`;
      front = {
        ...first,
        endpoint,
        client: { ...first.client, endpoint },
        env: cliEnvironment({ ...first, endpoint }),
      };
      journey = await startJourney(front, directory);
    });

    afterAll(async () => {
      await journey?.stop();
      balancer?.close();
      for (const server of servers) await server.stop();
      await onServer(`drop database if exists ${name} with (force)`);
      rmSync(directory, { recursive: true, force: true });
    });

    test(`killing either in the middle changes nothing in the outcome (seed ${seed})`, {
      timeout: 300_000,
    }, async () => {
      const atRandomMoment = randomMoments(seed);
      for (let execution = 0; execution < EXECUTIONS; execution += 1) {
        if (execution > 0)
          await eventually('the push', () => journey.push(`Push ${execution}`).then(() => true));
        await atRandomMoment(WITHIN_MS);
        const victim = servers[execution % servers.length];
        await victim?.kill();
        // The other one has to end it alone.
        await finished(journey, execution + 1);
        await victim?.restart();
      }
      await expectOutcome(journey, front.client, EXECUTIONS);
    });
  },
);

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
