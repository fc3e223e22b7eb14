import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  DeleteProjectCommand,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRoom, mountSmallDisk, unmountSmallDisk } from '../src/executors/small-disk.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const TIMEOUT = { timeout: 180_000 };
const disk = mountSmallDisk(48);

/** Fills the disk, and keeps it full whatever is freed, without a word. */
const HOLD = 'while :; do cat /dev/zero >>big; sleep 0.05; done 2>/dev/null';

describe.skipIf(disk === undefined)('a build that fills the disk', () => {
  const root = disk ?? '';
  const dataDir = join(root, 'data');
  let server: TestServer;
  let codebuild: CodeBuildClient;
  let ssm: SSMClient;
  let serviceRole = '';

  beforeAll(async () => {
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o755);
    server = await startServer({ dataDir });
    codebuild = new CodeBuildClient({ ...server.client, maxAttempts: 1 });
    ssm = new SSMClient({ ...server.client, maxAttempts: 1 });
    serviceRole = await makeRole();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    if (disk) unmountSmallDisk(disk);
  });

  async function makeRole(): Promise<string> {
    const iam = new IAMClient(server.client);
    const allow = (rest: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...rest }] });
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'builder',
        AssumeRolePolicyDocument: allow({
          Principal: { Service: 'codebuild.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    const PolicyDocument = allow({ Action: 'logs:*', Resource: '*' });
    const policy = { RoleName: 'builder', PolicyName: 'build', PolicyDocument };
    await iam.send(new PutRolePolicyCommand(policy));
    return Role?.Arn ?? '';
  }

  async function start(name: string, ...commands: string[]): Promise<string> {
    const phases = { build: { commands } };
    await codebuild.send(
      new CreateProjectCommand({
        name,
        serviceRole,
        source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: 0.2, phases }) },
        artifacts: { type: 'NO_ARTIFACTS' },
        environment: {
          type: 'LINUX_CONTAINER',
          image: 'alpine',
          computeType: 'BUILD_GENERAL1_SMALL',
        },
      }),
    );
    const { build } = await codebuild.send(new StartBuildCommand({ projectName: name }));
    return build?.id ?? '';
  }
  const look = async (id: string): Promise<Build | undefined> =>
    (await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0];
  const ended = (id: string) =>
    eventually(`the end of ${id}`, async () => {
      const build = await look(id);
      return build?.buildComplete && build;
    });
  const full = () => eventually('a full disk', async () => !hasRoom(root));
  const logOf = async (build: Build | undefined): Promise<string> => {
    const { groupName: logGroupName, streamName: logStreamName } = build?.logs ?? {};
    const command = new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true });
    const { events = [] } = await new CloudWatchLogsClient(server.client).send(command);
    return events.map(({ message }) => message).join('');
  };
  /** Another build, which speaks for longer than the disk is full. */
  const startSpeaker = async (name: string): Promise<string> => {
    const loop = 'i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo line $i; sleep 0.1; done';
    const id = await start(name, `${loop}; echo the last line`);
    await eventually('its first line', async () =>
      (await logOf(await look(id))).includes('line 3'),
    );
    return id;
  };
  /** Calls that write do so, and those that read find it. */
  const serves = async () => {
    const Value = `${Date.now()} ${'x'.repeat(3000)}`;
    const put = new PutParameterCommand({ Name: '/a', Value, Type: 'String', Overwrite: true });
    await ssm.send(put);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a' }));
    expect(Parameter?.Value).toBe(Value);
    const id = await start(`after-${Date.now()}`, 'echo built');
    expect((await ended(id)).buildStatus).toBe('SUCCEEDED');
  };

  test('and fails of it gives it back', TIMEOUT, async () => {
    const id = await start('fails', 'cat /dev/zero >big');
    const build = await ended(id);
    expect(build.buildStatus).toBe('FAILED');
    const phase = build.phases?.find(({ phaseType }) => phaseType === 'BUILD');
    expect(phase?.contexts?.[0]?.message).toContain('exit status 1');
    await serves();
  });

  test('and holds it can be stopped, while others wait or go on', TIMEOUT, async () => {
    const speaker = await startSpeaker('speaks');
    const id = await start('holds', HOLD);
    await full();
    const answers: string[] = [];
    const put = async () => {
      const Name = `/${answers.length}`;
      const command = new PutParameterCommand({ Name, Value: 'x'.repeat(4000), Type: 'String' });
      const answer = await ssm.send(command).then(
        () => 'done',
        (error) => `${error.name} ${error.$metadata?.httpStatusCode}`,
      );
      answers.push(answer);
      return answer;
    };
    // What the server has room for already, and what is given back for a moment, may take a few.
    await eventually('a refusal', async () => (await put()) !== 'done');
    for (let round = 0; round < 5; round += 1) await put();
    const refusals = new Set(answers.filter((each) => each !== 'done'));
    expect([...refusals]).toEqual(['ServiceUnavailable 503']);
    await codebuild.send(new StopBuildCommand({ id }));
    expect((await ended(id)).buildStatus).toBe('STOPPED');
    const other = await ended(speaker);
    expect(other.buildStatus).toBe('SUCCEEDED');
    expect(await logOf(other)).toMatch(/the last line\n/);
    await serves();
  });

  /** What goes on, and takes no processor. */
  const rest = 'sleep 600';
  const messagesOf = (build: Build) =>
    build.phases?.flatMap(({ contexts = [] }) => contexts.map((c) => c.message)).join();

  test.each([
    ['its tree, and speaks', 'cat /dev/zero >big || true; while :; do echo here; sleep 0.2; done'],
    ['its log', `yes ${'x'.repeat(1000)} | head -c 100000000; ${rest}`],
  ])(
    'with %s and goes on is ended with the reason, and no other is',
    TIMEOUT,
    async (_what, fill) => {
      const beside = await start('beside', `head -c 7000000 /dev/zero >some; ${rest}`);
      await eventually('its tree', async () => (await look(beside))?.currentPhase === 'BUILD');
      const id = await start('fills', fill);
      const build = await ended(id);
      expect(build.buildStatus).toBe('FAULT');
      const { phaseType, phaseStatus } = build.phases?.find((p) => p.contexts?.[0]?.message) ?? {};
      expect([phaseType, phaseStatus]).toEqual(['BUILD', 'FAULT']);
      expect(messagesOf(build)).toContain('the disk of the build machine was full');
      expect((await look(beside))?.buildStatus).toBe('IN_PROGRESS');
      await serves();
      await codebuild.send(new StopBuildCommand({ id: beside }));
      for (const name of ['beside', 'fills'])
        await codebuild.send(new DeleteProjectCommand({ name }));
    },
  );

  test('and writes without end to its log can be stopped', TIMEOUT, async () => {
    const id = await start('floods', `yes ${'x'.repeat(1000)}`);
    await full();
    await codebuild.send(new StopBuildCommand({ id }));
    expect((await ended(id)).buildStatus).toBe('STOPPED');
    await serves();
  });

  test('and holds it does not keep a server from starting', TIMEOUT, async () => {
    const id = await start('stays', HOLD);
    await full();
    await server.kill();
    await server.restart();
    const build = await ended(id);
    expect(build.buildStatus).toBe('FAULT');
    const messages = build.phases?.flatMap(({ contexts = [] }) => contexts.map((c) => c.message));
    expect(messages?.join()).toContain('the disk was full');
    await serves();
    expect(server.log()).toContain('The disk was full: ');
  });

  test('and ends while no server runs gives it back at the next start', TIMEOUT, async () => {
    const id = await start('leaves', 'sleep 2; cat /dev/zero >big');
    await eventually('its phase', async () => (await look(id))?.currentPhase === 'BUILD');
    await server.kill();
    await full();
    await server.restart();
    expect((await ended(id)).buildStatus).toBe('FAILED');
    await serves();
  });
});
