import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CodeCommitClient, ListRepositoriesCommand } from '@aws-sdk/client-codecommit';
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Balancer, startBalancer } from './balancer.ts';
import { eventually, randomMoments } from './eventually.ts';
import { type Journey, startJourney } from './journey.ts';
import { expectOutcome, finished } from './outcome.ts';
import { type PostgresCluster, startPostgres } from './postgres.ts';
import { run } from './run.ts';
import { cliEnvironment, startServer, type TestServer } from './server.ts';

const slipway = join(import.meta.dirname, '..', 'bin', 'slipway');
/** An execution takes a few seconds; the kill falls anywhere in it. */
const WITHIN_MS = 3_000;
/** How many write at the same time, each its next when the last is answered. */
const WRITERS = 4;
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);
// Of its own: what dies here must not be what other tests stand on.
const cluster = process.env.SLIPWAY_TEST_POSTGRES ? await startPostgres() : { skipped: 'none' };
const postgres = 'skipped' in cluster ? undefined : cluster;

if (!postgres && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no PostgreSQL, and SLIPWAY_TEST_ALL asks for every test');

describe.skipIf(!postgres)(
  `a PostgreSQL that is killed${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    const database = postgres as PostgresCluster;
    let directory: string;
    let servers: TestServer[] = [];
    let balancer: Balancer;
    let front: TestServer;
    let journey: Journey;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'slipway-killed-'));
      // The password stays out of the process list.
      const options = {
        dataDir: join(directory, 'data'),
        env: { SLIPWAY_DATABASE: database.url },
      };
      servers = await Promise.all([startServer(options), startServer(options)]);
      balancer = await startBalancer(servers.map(({ endpoint }) => Number(new URL(endpoint).port)));
      const endpoint = `http://127.0.0.1:${balancer.port}`;
      const [first] = servers as [TestServer];
      front = {
        ...{ ...first, endpoint, client: { ...first.client, endpoint } },
        env: cliEnvironment({ ...first, endpoint }),
      };
    });

    afterAll(async () => {
      await journey?.stop();
      balancer?.close();
      for (const server of servers) await server.stop();
      await database.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    test('is answered with 503 by every API, said once, and work goes on when it is back', {
      timeout: 120_000,
    }, async () => {
      const [server] = servers as [TestServer];
      const client = { ...server.client, maxAttempts: 1 };
      const load = startLoad(server.client);
      await load.written(20);
      await database.kill();
      const calls: Record<string, () => Promise<unknown>> = {
        ssm: () => put(new SSMClient(client), '/killed'),
        s3: () => new S3Client({ ...client, forcePathStyle: true }).send(new ListBucketsCommand()),
        iam: () => new IAMClient(client).send(new ListUsersCommand()),
        logs: () =>
          new CloudWatchLogsClient(client).send(new CreateLogGroupCommand({ logGroupName: 'a' })),
        codecommit: () => new CodeCommitClient(client).send(new ListRepositoriesCommand()),
      };
      const answers: Record<string, string> = {};
      for (const [name, call] of Object.entries(calls)) {
        answers[name] = await call().then(
          () => 'answered',
          (error) => `${error.name} ${error.$metadata?.httpStatusCode}`,
        );
      }
      expect(answers).toEqual({
        ...{ ssm: 'ServiceUnavailable 503', s3: 'ServiceUnavailable 503' },
        ...{ iam: 'ServiceUnavailable 503', logs: 'ServiceUnavailableException 503' },
        codecommit: 'ServiceUnavailable 503',
      });
      const { status } = await fetch(
        `${server.endpoint}/v1/repos/app/info/refs?service=git-upload-pack`,
        {
          headers: {
            authorization: `Basic ${Buffer.from('user-at-000000000000:x').toString('base64')}`,
          },
        },
      );
      expect(status).toBe(503);
      await expectStatusSaysSo(server);
      await database.restart();
      const before = load.acknowledged.length;
      await load.written(before + 20);
      await load.stop();
      await expectAllKept(server, load.acknowledged);
      for (const { log } of servers) {
        const lines = log()
          .split('\n')
          .filter((line) => line.trim() !== '');
        expect(lines).toEqual([expect.stringContaining('The database does not answer:')]);
      }
    });

    test(`together with a server, loses nothing that was acknowledged (seed ${seed})`, {
      timeout: 300_000,
    }, async () => {
      const atRandomMoment = randomMoments(seed);
      journey = await startJourney(front, directory);
      const load = startLoad(front.client);
      await atRandomMoment(WITHIN_MS);
      await database.kill();
      await servers[0]?.kill();
      await atRandomMoment(WITHIN_MS);
      await database.restart();
      // The other one has to end it alone.
      await finished(journey, 1);
      await load.stop();
      await servers[0]?.restart();
      await expectOutcome(journey, front.client, 1);
      await expectAllKept(front, load.acknowledged);
    });
  },
);

const put = (ssm: SSMClient, Name: string) =>
  ssm.send(new PutParameterCommand({ Name, Value: Name, Type: 'String' }));

/** Writes parameters until it is stopped, and notes those that a server acknowledged. */
function startLoad(config: TestServer['client']) {
  const ssm = new SSMClient({ ...config, maxAttempts: 1 });
  const acknowledged: string[] = [];
  const load = Math.random().toString(36).slice(2);
  let stopped = false;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let i = 0; !stopped; i += 1) {
      const name = `/load/${load}/${writer}/${i}`;
      await put(ssm, name).then(
        () => acknowledged.push(name),
        // Refused or not, is all the same; the next one is another.
        () => new Promise((resolve) => setTimeout(resolve, 20)),
      );
    }
  });
  return {
    acknowledged,
    written: (count: number) =>
      eventually(`${count} writes`, async () => acknowledged.length >= count),
    async stop() {
      stopped = true;
      await Promise.all(writers);
    },
  };
}

async function expectAllKept(server: TestServer, names: string[]): Promise<void> {
  const ssm = new SSMClient(server.client);
  for (const Name of names) {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    expect(Parameter?.Value).toBe(Name);
  }
}

/** Anybody may ask for a server's health: the sentence has no address and no name of the database in it. */
async function expectStatusSaysSo({ dataDir, env }: TestServer): Promise<void> {
  const { code, stdout } = await run(slipway, ['status', '--data', dataDir], { env });
  expect([code, stdout.split('\n')[0]]).toEqual([
    1,
    expect.stringMatching(/^server +failing at http:\S+: its database does not answer$/),
  ]);
  expect(stdout).not.toContain('queue ');
}
