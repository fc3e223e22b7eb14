import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  paginateListBuildsForProject,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { onServer } from '../src/db/on-server.ts';
import { startBalancer } from './balancer.ts';
import { eventually, randomMoments } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** What the gate has time for; 200 and 10 kills are the whole audit (docs/development.md). Even. */
const BUILDS = Number(process.env.SLIPWAY_TEST_BUILDS ?? 40);
/** Two servers on one database do more for each, and what they may get wrong shows in fewer. */
const BUILDS_ON_TWO = Math.min(BUILDS, 24);
/** How many calls of StartBuild are under way. */
const CALLERS = 4;
/** Even. */
const KILLS = BUILDS < 100 ? 4 : 10;
/** Deliveries that a server may have sent and not noted yet: what its reconciler runs at once. */
const MOST_UNDER_WAY = 64;
const FLAGS = ['--builds', '8'];
/** Between two kills, beside what a restart takes: while builds are taken, and later. */
const SOON_MS = 100;
const WITHIN_MS = 2000;
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);
const SLOW = { timeout: 420_000 };
const postgres = process.env.SLIPWAY_TEST_POSTGRES;

if (!postgres && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no PostgreSQL, and SLIPWAY_TEST_ALL asks for every test');

/** What one server, or several behind one address, is to this audit. */
interface Audited {
  client: TestServer['client'];
  accountId: string;
  /** How many of them. */
  builds: number;
  arn(service: string, resource: string): string;
  /** Of the whole test, by the real clock. */
  deadline: number;
}

const allow = (Action: string, Resource: string, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
  });

function audited(server: TestServer, builds: number, endpoint = server.endpoint): Audited {
  const { client, region, accountId } = server;
  return {
    client: { ...client, endpoint },
    ...{ accountId, builds },
    arn: (service, resource) => `arn:aws:${service}:${region}:${accountId}:${resource}`,
    deadline: Date.now() + SLOW.timeout - 20_000,
  };
}

/** A project whose builds fail or not, as is said when they start, and two rules: on all that they tell, and on failures. */
async function prepare(at: Audited): Promise<void> {
  const { client } = at;
  const iam = new IAMClient(client);
  const AssumeRolePolicyDocument = trust('codebuild.amazonaws.com');
  const created = await iam.send(
    new CreateRoleCommand({ RoleName: 'build', AssumeRolePolicyDocument }),
  );
  const may = { RoleName: 'build', PolicyName: 'may', PolicyDocument: allow('logs:*', '*') };
  await iam.send(new PutRolePolicyCommand(may));
  await new CodeBuildClient(client).send(
    new CreateProjectCommand({
      name: 'audited',
      source: {
        type: 'NO_SOURCE',
        buildspec: 'version: 0.2\nphases: {build: {commands: ["exit $CODE"]}}',
      },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      logsConfig: { cloudWatchLogs: { status: 'DISABLED' } },
      serviceRole: created.Role?.Arn,
    }),
  );
  await rule(at, 'all', {});
  await rule(at, 'failed', { detail: { 'build-status': ['FAILED'] } });
}

/** A rule on the state changes of builds, and its queue. */
async function rule({ client, arn }: Audited, name: string, more: object): Promise<void> {
  const Principal = { Service: 'events.amazonaws.com' };
  const Policy = allow('sqs:SendMessage', arn('sqs', name), { Principal });
  const sqs = new SQSClient(client);
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
  const bridge = new EventBridgeClient(client);
  const pattern = {
    ...{ source: ['aws.codebuild'], 'detail-type': ['CodeBuild Build State Change'] },
    ...more,
  };
  const EventPattern = JSON.stringify(pattern);
  await bridge.send(new PutRuleCommand({ Name: name, EventPattern }));
  const Targets = [{ Id: 'queue', Arn: arn('sqs', name) }];
  await bridge.send(new PutTargetsCommand({ Rule: name, Targets }));
}

/**
 * Starts all builds, each until a server has taken it: every second one fails.
 * @param taken told how many have been
 */
async function startBuilds(
  { client, builds }: Audited,
  taken: (count: number) => void,
): Promise<void> {
  const codebuild = new CodeBuildClient({ ...client, maxAttempts: 1 });
  let count = 0;
  const left = Array.from({ length: builds }, (_, n) => n);
  const caller = async () => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) {
      const command = new StartBuildCommand({
        projectName: 'audited',
        idempotencyToken: `build-${n}`,
        environmentVariablesOverride: [{ name: 'CODE', value: String(n % 2) }],
      });
      await eventually(`build ${n}`, async () => (await codebuild.send(command)).build);
      taken(++count);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** Every build's ARN and status, once all have ended. */
async function ended({ client, builds: count }: Audited): Promise<Map<string, string>> {
  const codebuild = new CodeBuildClient(client);
  return eventually(
    'all builds to end',
    async () => {
      const ids: string[] = [];
      for await (const page of paginateListBuildsForProject(
        { client: codebuild },
        { projectName: 'audited' },
      ))
        ids.push(...(page.ids ?? []));
      const statuses = new Map<string, string>();
      for (let at = 0; at < ids.length; at += 100) {
        const some = ids.slice(at, at + 100);
        const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids: some }));
        for (const { arn = '', buildStatus = '' } of builds) statuses.set(arn, buildStatus);
      }
      const running = [...statuses.values()].includes('IN_PROGRESS');
      return !running && statuses.size >= count && statuses;
    },
    SLOW.timeout,
  );
}

interface Told {
  /** Event ids by build and status. */
  ids: Map<string, Set<string>>;
  /** By event id, the messages that brought it. */
  messages: Map<string, Set<string>>;
}

/** All that comes into a queue: at least `count` different events, until nothing more comes. */
async function told(at: Audited, name: string, count: number): Promise<Told> {
  const sqs = new SQSClient(at.client);
  const QueueUrl = `${at.client.endpoint}/${at.accountId}/${name}`;
  const [ids, messages]: [Told['ids'], Told['messages']] = [new Map(), new Map()];
  const receive = async () => {
    const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
    if (Messages.length === 0) return messages.size >= count;
    for (const { Body = '', MessageId = '' } of Messages) {
      const { id, detail } = JSON.parse(Body);
      note(ids, `${detail['build-id']} ${detail['build-status']}`, id);
      note(messages, id, MessageId);
    }
    const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return false;
  };
  while (!(await receive())) if (Date.now() > at.deadline) break;
  return { ids, messages };
}

function note(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value));
}

/** Every state of every build was published once, and each rule brought it to its queue. */
async function audit(at: Audited, title: string): Promise<void> {
  const builds = await ended(at);
  expect(builds.size).toBe(at.builds);
  const statuses = [...builds.values()];
  for (const status of ['SUCCEEDED', 'FAILED'])
    expect(statuses.filter((each) => each === status)).toHaveLength(at.builds / 2);
  const began = [...builds.keys()].map((arn) => `${arn} IN_PROGRESS`);
  const over = [...builds].map(([arn, status]) => `${arn} ${status}`);
  const failed = over.filter((what) => what.endsWith(' FAILED'));
  const all = await told(at, 'all', began.length + over.length);
  const failures = await told(at, 'failed', failed.length);
  expect([...all.ids.keys()].sort()).toEqual([...began, ...over].sort());
  expect([...failures.ids.keys()].sort()).toEqual([...failed].sort());
  // Two ids of one change would be two events.
  for (const [what, ids] of [...all.ids, ...failures.ids]) {
    expect([what, ids.size]).toEqual([what, 1]);
    expect([what, ids]).toEqual([what, all.ids.get(what)]);
  }
  const twice = [...all.messages.values(), ...failures.messages.values()].filter(
    ({ size }) => size > 1,
  );
  const events = all.messages.size + failures.messages.size;
  process.stdout.write(`${title}: ${events} deliveries, ${twice.length} of them more than once\n`);
  // At least once: what a server has sent and not noted when it is killed is sent again by the next.
  expect(twice.length).toBeLessThanOrEqual(KILLS * MOST_UNDER_WAY);
}

describe('the audit of builds and of what is told of them', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /**
   * Starts all builds, and kills a server again and again meanwhile: half of the times while builds are taken, one after
   * another, and something is told all the time; the others while they run.
   */
  async function underFire(at: Audited, servers: TestServer[]): Promise<void> {
    await prepare(at);
    const atRandomMoment = randomMoments(seed);
    const step = at.builds / (KILLS / 2 + 1);
    const reached = Array.from({ length: KILLS / 2 }, () => Promise.withResolvers<void>());
    const starting = startBuilds(at, (count) => reached[Math.floor(count / step) - 1]?.resolve());
    for (let kill = 0; kill < KILLS; kill += 1) {
      await Promise.race([reached[kill]?.promise, starting]);
      await atRandomMoment(kill < KILLS / 2 ? SOON_MS : WITHIN_MS);
      const victim = servers[kill % servers.length];
      await victim?.kill();
      await victim?.restart();
    }
    await starting;
  }

  test(`SQLite: kill -9 loses no event and publishes none twice (seed ${seed})`, SLOW, async () => {
    const server = await startServer({ dataDir: join(directory, 'data'), flags: FLAGS });
    try {
      const at = audited(server, BUILDS);
      await underFire(at, [server]);
      await audit(at, 'SQLite');
    } finally {
      await server.stop();
    }
  });

  test.skipIf(!postgres)(
    `PostgreSQL, two servers: a rule fires once, whichever is killed (seed ${seed})${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
    SLOW,
    async () => {
      const name = `slipway_audit_${randomBytes(6).toString('hex')}`;
      await onServer(postgres ?? '', `create database ${name}`);
      const url = new URL(postgres ?? '');
      url.pathname = `/${name}`;
      // The password stays out of the process list.
      const env = { SLIPWAY_DATABASE: url.href };
      const options = { dataDir: join(directory, 'data'), flags: FLAGS, env };
      const servers: [TestServer, TestServer] = [
        await startServer(options),
        await startServer(options),
      ];
      const ports = servers.map(({ endpoint }) => Number(new URL(endpoint).port));
      const balancer = await startBalancer(ports);
      try {
        const at = audited(servers[0], BUILDS_ON_TWO, `http://127.0.0.1:${balancer.port}`);
        await underFire(at, servers);
        await audit(at, 'PostgreSQL');
      } finally {
        balancer.close();
        for (const server of servers) await server.stop();
        await onServer(postgres ?? '', `drop database if exists ${name} with (force)`);
      }
    },
  );
});
