import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresCluster, startPostgres } from './postgres.ts';
import { run } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const slipway = join(import.meta.dirname, '..', 'bin', 'slipway');
// Of its own: the server makes its tables in it.
const cluster = process.env.SLIPWAY_TEST_POSTGRES ? await startPostgres() : { skipped: 'none' };
const postgres = 'skipped' in cluster ? undefined : cluster;

if (!postgres && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no PostgreSQL, and SLIPWAY_TEST_ALL asks for every test');

/** A way to a server that can become silent: what is sent is taken, and nothing comes back. */
async function startWay(port: number) {
  let silent = false;
  const ends = new Set<Socket>();
  const way = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const end of [near, far]) ends.add(end.on('error', () => {}));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => !silent && to.write(bytes));
      from.on('end', () => to.end());
    }
  });
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
  return {
    port: (way.address() as { port: number }).port,
    fallSilent() {
      silent = true;
    },
    close() {
      way.close();
      for (const end of ends) end.destroy();
    },
  };
}

describe.skipIf(!postgres)(
  `a PostgreSQL that says nothing${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    const database = postgres as PostgresCluster;
    let way: Awaited<ReturnType<typeof startWay>>;
    let server: TestServer;

    beforeAll(async () => {
      const url = new URL(database.url);
      way = await startWay(Number(url.port));
      url.port = String(way.port);
      server = await startServer({ env: { SLIPWAY_DATABASE: url.href } });
    });
    afterAll(async () => {
      way?.close();
      await server?.stop();
      await database.stop();
    });

    test('slipway status says so, and metrics go on', async () => {
      const status = () => run(slipway, ['status', '--data', server.dataDir], { env: server.env });
      expect((await status()).code).toBe(0);
      way.fallSilent();
      const { code, stdout } = await status();
      expect([code, stdout.split('\n')[0]]).toEqual([
        1,
        `server    failing at ${server.endpoint}: its database does not answer`,
      ]);
      const metrics = await fetch(`${server.endpoint}/_slipway/metrics`);
      expect(await metrics.text()).toContain('slipway_calls_total');
    });
  },
);
