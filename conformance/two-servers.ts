import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onServer } from '../src/db/on-server.ts';
import { startBalancer } from './balancer.ts';
import { cliEnvironment, startServer, type TestServer, type TestServerOptions } from './server.ts';

export interface TwoServers {
  /** For what else a test leaves on the disk. */
  directory: string;
  servers: TestServer[];
  /** The servers as their users see them: one address. */
  front: TestServer;
  stop(): Promise<void>;
}

/** Two servers on a database of their own at a PostgreSQL server, behind a load balancer. */
export async function startTwoServers(
  postgres: string,
  { env = {} }: Pick<TestServerOptions, 'env'> = {},
): Promise<TwoServers> {
  const name = `slipway_two_${randomBytes(6).toString('hex')}`;
  const directory = mkdtempSync(join(tmpdir(), 'slipway-two-'));
  await onServer(postgres, `create database ${name}`);
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  // The password stays out of the process list.
  const options = {
    dataDir: join(directory, 'data'),
    env: { ...env, SLIPWAY_DATABASE: url.href },
  };
  const servers = await Promise.all([startServer(options), startServer(options)]);
  const balancer = await startBalancer(
    servers.map((server) => Number(new URL(server.endpoint).port)),
  );
  const [first] = servers;
  const endpoint = `http://127.0.0.1:${balancer.port}`;
  const front = {
    ...first,
    endpoint,
    client: { ...first.client, endpoint },
    env: cliEnvironment({ ...first, endpoint }),
  };
  return {
    ...{ directory, servers, front },
    async stop() {
      balancer.close();
      for (const server of servers) await server.stop();
      await onServer(postgres, `drop database if exists ${name} with (force)`);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
