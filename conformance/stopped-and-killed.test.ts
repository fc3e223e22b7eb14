import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signedGet } from '../src/cli/signed-get.ts';
import { onServer } from '../src/db/on-server.ts';
import type { EngineStatus } from '../src/lib/engine-status.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const TIMEOUT = { timeout: 120_000 };
const postgres = process.env.SLIPWAY_TEST_POSTGRES;

if (!postgres && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no PostgreSQL, and SLIPWAY_TEST_ALL asks for every test');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-stopped-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

// A stop that was acknowledged wins, whatever becomes of the server on which the build ran.

test(
  'a build that was stopped before its server was killed is STOPPED after the restart',
  TIMEOUT,
  async () => {
    const server = await startServer({ dataDir: join(directory, 'data') });
    try {
      const id = await startBuild(server);
      const answer = codebuild(server).send(new StopBuildCommand({ id }));
      answer.catch(() => {});
      await eventually('that the stop is noted', async () => isStopNoted(server.dataDir, id));
      await server.kill();
      await server.restart();
      await expectStopped(server, id);
    } finally {
      await server.stop();
    }
  },
);

describe.skipIf(!postgres)(
  `two servers on one PostgreSQL${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    const name = `slipway_stop_${randomBytes(6).toString('hex')}`;
    beforeEach(() => onServer(postgres ?? '', `create database ${name}`));
    afterEach(() => onServer(postgres ?? '', `drop database if exists ${name} with (force)`));

    test.each([
      ['see the same work', true],
      ['each see their own work alone', false],
    ])(
      'that %s: the build that the other one stopped is STOPPED when its own is killed',
      TIMEOUT,
      async (_, shared) => {
        const servers = await startTwo(shared);
        try {
          const id = await startBuild(servers[0]);
          const worker = await workerOf(servers, id);
          const other = servers.find((server) => server !== worker) ?? worker;
          // Frozen, so that the stop is acknowledged and cannot be carried out there.
          process.kill(worker.pid, 'SIGSTOP');
          await codebuild(other).send(new StopBuildCommand({ id }));
          await worker.kill();
          await expectStopped(other, id);
        } finally {
          await Promise.all(servers.map((server) => server.stop()));
        }
      },
    );

    test('that each see their own work alone: either stops it', TIMEOUT, async () => {
      const servers = await startTwo(false);
      try {
        for (const server of [...servers, ...servers, ...servers]) {
          const id = await startBuild(servers[0]);
          const { build } = await codebuild(server).send(new StopBuildCommand({ id }));
          expect(build?.buildStatus).toBe('STOPPED');
          await expectStopped(server, id);
        }
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
    });

    /** @param shared whether they share a data directory, as servers on one machine may */
    async function startTwo(shared: boolean): Promise<[TestServer, TestServer]> {
      const url = new URL(postgres ?? '');
      url.pathname = `/${name}`;
      const env = { SLIPWAY_DATABASE: url.href };
      const [one, two] = [join(directory, 'one'), join(directory, shared ? 'one' : 'two')];
      const first = await startServer({ dataDir: one, env });
      if (!shared) {
        mkdirSync(two);
        for (const file of ['master.key', 'root.json', 'ca.key', 'ca.pem'])
          cpSync(join(one, file), join(two, file));
      }
      return [first, await startServer({ dataDir: two, env })];
    }
  },
);

const codebuild = (server: TestServer) => new CodeBuildClient({ ...server.client, maxAttempts: 1 });

let builds = 0;

/** A build that would go on for minutes, once its commands run. @returns its id */
async function startBuild(server: TestServer): Promise<string> {
  builds += 1;
  const name = `slow-${builds}`;
  const client = codebuild(server);
  const phases = { build: { commands: ['sleep 600'] } };
  await client.send(
    new CreateProjectCommand({
      name,
      serviceRole: await makeRole(server, name),
      source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: 0.2, phases }) },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'alpine',
        computeType: 'BUILD_GENERAL1_SMALL',
      },
    }),
  );
  const { build } = await client.send(new StartBuildCommand({ projectName: name }));
  const id = build?.id ?? '';
  const begun = await eventually('that its commands run', async () => {
    const found = await getBuild(server, id);
    return (found.currentPhase === 'BUILD' || found.buildComplete) && found;
  });
  expect(begun).toMatchObject({ currentPhase: 'BUILD', buildComplete: false });
  return id;
}

async function makeRole(server: TestServer, name: string): Promise<string> {
  const iam = new IAMClient(server.client);
  const allow = (rest: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...rest }] });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: allow({
        Principal: { Service: 'codebuild.amazonaws.com' },
        Action: 'sts:AssumeRole',
      }),
    }),
  );
  const PolicyDocument = allow({ Action: 'logs:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'log', PolicyDocument }));
  return Role?.Arn ?? '';
}

async function getBuild(server: TestServer, id: string): Promise<Build> {
  const { builds: found } = await codebuild(server).send(new BatchGetBuildsCommand({ ids: [id] }));
  return found?.[0] ?? {};
}

/** It ends as AWS shows a build that was stopped: with the phase that was, and nothing behind it. */
async function expectStopped(server: TestServer, id: string): Promise<void> {
  const build = await eventually('the end of the build', async () => {
    const found = await getBuild(server, id);
    return found.buildComplete && found;
  });
  const phases = build.phases?.map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus]);
  expect(build.buildStatus).toBe('STOPPED');
  expect(phases?.slice(-2)).toEqual([
    ['BUILD', 'STOPPED'],
    ['COMPLETED', undefined],
  ]);
}

/** The server that follows the build. */
async function workerOf(servers: TestServer[], id: string): Promise<TestServer> {
  for (const server of [...servers, ...servers, ...servers]) {
    const { nodes, leases } = await engineStatus(server);
    const self = nodes.first.find((node) => node.self)?.node;
    const lease = leases.first.find(
      ({ reconciler, key }) => reconciler === 'codebuild/work' && key.endsWith(id),
    );
    if (lease?.node === self) return server;
  }
  throw new Error(`Nobody follows ${id}`);
}

async function engineStatus(server: TestServer): Promise<EngineStatus> {
  const answer = await signedGet(server, '/_slipway/engine');
  return (await answer.json()) as EngineStatus;
}

/** Whether the stop is in the database of this server. */
function isStopNoted(dataDir: string, id: string): boolean {
  const database = new DatabaseSync(join(dataDir, 'slipway.db'), { readOnly: true });
  try {
    const asked = 'select stop_requested from codebuild_build where id = ?';
    return database.prepare(asked).get(id)?.stop_requested === 1;
  } finally {
    database.close();
  }
}
