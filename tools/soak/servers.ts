import { setTimeout as sleep } from 'node:timers/promises';
import { randomMoments } from '../../conformance/eventually.ts';
import { startPostgres } from '../../conformance/postgres.ts';
import { startServer, type TestServer, type TestServerOptions } from '../../conformance/server.ts';
import { startTwoServers } from '../../conformance/two-servers.ts';
import type { Values } from './main.ts';

/** Between two kills, from when the server answers again; --apart says at most how long. */
const LEAST_MS = 200;

/** Those that are killed, and as their users see them: one address. */
export interface Ground {
  servers: TestServer[];
  front: TestServer;
}

/** Does it on one server, or with --postgres on two that have a PostgreSQL of their own. */
export async function onServers<T>(
  values: Values,
  run: (on: Ground) => Promise<T>,
  options: Pick<TestServerOptions, 'env'> = {},
): Promise<T> {
  if (!values.postgres) {
    const server = await startServer(options);
    try {
      return await run({ servers: [server], front: server });
    } finally {
      await server.stop();
    }
  }
  const cluster = await startPostgres();
  if ('skipped' in cluster) throw new Error(cluster.skipped);
  const two = await startTwoServers(cluster.url, options);
  try {
    return await run({ servers: two.servers, front: two.front });
  } finally {
    await two.stop();
    await cluster.stop();
  }
}

/**
 * Does it while one server after the other is killed (kill -9), again and again, as often as --kills says at most.
 * @returns what it says; it says itself how often there was a kill
 */
export async function underKills<T>(
  servers: TestServer[],
  values: Values,
  run: () => Promise<T>,
): Promise<T> {
  const atRandomMoment = randomMoments(Number(values.seed));
  let over = false;
  let kills = 0;
  const killing = (async () => {
    while (kills < Number(values.kills) && !over) {
      await sleep(LEAST_MS);
      await atRandomMoment(Number(values.apart) - LEAST_MS);
      const victim = servers[kills % servers.length];
      await victim?.kill();
      await victim?.restart();
      kills += 1;
    }
  })();
  try {
    return await run();
  } finally {
    over = true;
    await killing;
    process.stdout.write(`${kills} kills\n`);
  }
}
